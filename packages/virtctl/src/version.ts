/** Of this build; the same for every part. */
export const version = '0.1.0';
