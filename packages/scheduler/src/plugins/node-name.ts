import { type FilterPlugin, nodeName as nameOf } from '../framework.ts';

/** A Pod that names its node fits only there. */
export const nodeName: FilterPlugin = {
  name: 'NodeName',
  filter({ pod }, { node }) {
    if (!pod.spec?.nodeName || pod.spec.nodeName === nameOf(node)) return undefined;
    return { reasons: ["node(s) didn't match the requested node name"], unresolvable: true };
  },
};
