import { bool, field, int64, list, message, named, required, string, type TypeOf } from '../schema/builder.ts';

const seLinuxOptions = message('io.k8s.api.core.v1.SELinuxOptions', '', {
  user: [1, string],
  role: [2, string],
  type: [3, string],
  level: [4, string],
});
export interface SELinuxOptions extends TypeOf<typeof seLinuxOptions> {}
export const SELinuxOptionsSchema = named<SELinuxOptions>(seLinuxOptions);

const windowsSecurityContextOptions = message('io.k8s.api.core.v1.WindowsSecurityContextOptions', '', {
  gmsaCredentialSpecName: [1, string],
  gmsaCredentialSpec: [2, string],
  runAsUserName: [3, string],
  hostProcess: [4, bool],
});
export interface WindowsSecurityContextOptions extends TypeOf<typeof windowsSecurityContextOptions> {}
export const WindowsSecurityContextOptionsSchema = named<WindowsSecurityContextOptions>(windowsSecurityContextOptions);

const seccompProfile = message('io.k8s.api.core.v1.SeccompProfile', '', {
  type: [1, required(field(string, '', { enum: ['Localhost', 'RuntimeDefault', 'Unconfined'] }))],
  localhostProfile: [2, string],
});
export interface SeccompProfile extends TypeOf<typeof seccompProfile> {}
export const SeccompProfileSchema = named<SeccompProfile>(seccompProfile);

const capabilities = message('io.k8s.api.core.v1.Capabilities', '', {
  add: [1, list(string)],
  drop: [2, list(string)],
});
export interface Capabilities extends TypeOf<typeof capabilities> {}
export const CapabilitiesSchema = named<Capabilities>(capabilities);

const securityContext = message('io.k8s.api.core.v1.SecurityContext', '', {
  capabilities: [1, CapabilitiesSchema],
  privileged: [2, bool],
  seLinuxOptions: [3, SELinuxOptionsSchema],
  windowsOptions: [10, WindowsSecurityContextOptionsSchema],
  runAsUser: [4, int64],
  runAsGroup: [8, int64],
  runAsNonRoot: [5, bool],
  readOnlyRootFilesystem: [6, bool],
  allowPrivilegeEscalation: [7, bool],
  procMount: [9, string],
  seccompProfile: [11, SeccompProfileSchema],
});
export interface SecurityContext extends TypeOf<typeof securityContext> {}
export const SecurityContextSchema = named<SecurityContext>(securityContext);

const sysctl = message('io.k8s.api.core.v1.Sysctl', '', {
  name: [1, required(string)],
  value: [2, required(string)],
});
export interface Sysctl extends TypeOf<typeof sysctl> {}
export const SysctlSchema = named<Sysctl>(sysctl);

const podSecurityContext = message('io.k8s.api.core.v1.PodSecurityContext', '', {
  seLinuxOptions: [1, SELinuxOptionsSchema],
  windowsOptions: [8, WindowsSecurityContextOptionsSchema],
  runAsUser: [2, int64],
  runAsGroup: [6, int64],
  runAsNonRoot: [3, bool],
  supplementalGroups: [4, list(int64)],
  fsGroup: [5, int64],
  sysctls: [7, list(SysctlSchema)],
  fsGroupChangePolicy: [9, string],
  seccompProfile: [10, SeccompProfileSchema],
});
export interface PodSecurityContext extends TypeOf<typeof podSecurityContext> {}
export const PodSecurityContextSchema = named<PodSecurityContext>(podSecurityContext);
