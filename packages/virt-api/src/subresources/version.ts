/** The KubeVirt release whose API is served; virtctl compares major and minor with its own. */
const KUBEVIRT_VERSION = 'v0.58.2';

/** What `virtctl version` prints of the server. Source: client-go apimachinery version.Info. */
export const versionInfo = (version: string) => ({
  gitVersion: `${KUBEVIRT_VERSION}+virtplane.${version}`,
  gitCommit: '',
  gitTreeState: '',
  buildDate: '',
  goVersion: '',
  compiler: `node ${process.version}`,
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
});
