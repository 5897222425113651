import { list, string } from '../schema/builder.ts';

/** Values of one key of a user's extra attributes. In protobuf a message of its own: field 1 repeats. */
export const extraValue = { ...list(string), 'x-protobuf': { items: 1 } };
