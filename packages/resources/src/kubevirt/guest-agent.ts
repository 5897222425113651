import { ListMetaSchema } from '../meta/types.ts';
import { bool, double, int32, list, named, object, required, string, type TypeOf } from '../schema/builder.ts';

const virtualMachineInstanceGuestOSInfo = object('io.kubevirt.v1.VirtualMachineInstanceGuestOSInfo', '', {
  id: string,
  kernelRelease: string,
  kernelVersion: string,
  machine: string,
  name: string,
  prettyName: string,
  version: string,
  versionId: string,
});
export interface VirtualMachineInstanceGuestOSInfo extends TypeOf<typeof virtualMachineInstanceGuestOSInfo> {}
export const VirtualMachineInstanceGuestOSInfoSchema = named<VirtualMachineInstanceGuestOSInfo>(
  virtualMachineInstanceGuestOSInfo,
);

const virtualMachineInstanceGuestOSUser = object('io.kubevirt.v1.VirtualMachineInstanceGuestOSUser', '', {
  domain: string,
  loginTime: double,
  userName: required(string),
});
export interface VirtualMachineInstanceGuestOSUser extends TypeOf<typeof virtualMachineInstanceGuestOSUser> {}
export const VirtualMachineInstanceGuestOSUserSchema = named<VirtualMachineInstanceGuestOSUser>(
  virtualMachineInstanceGuestOSUser,
);

const virtualMachineInstanceFileSystem = object('io.kubevirt.v1.VirtualMachineInstanceFileSystem', '', {
  diskName: required(string),
  fileSystemType: required(string),
  mountPoint: required(string),
  totalBytes: required(int32),
  usedBytes: required(int32),
});
export interface VirtualMachineInstanceFileSystem extends TypeOf<typeof virtualMachineInstanceFileSystem> {}
export const VirtualMachineInstanceFileSystemSchema = named<VirtualMachineInstanceFileSystem>(
  virtualMachineInstanceFileSystem,
);

const virtualMachineInstanceFileSystemInfo = object('io.kubevirt.v1.VirtualMachineInstanceFileSystemInfo', '', {
  disks: required(list(VirtualMachineInstanceFileSystemSchema)),
});
export interface VirtualMachineInstanceFileSystemInfo extends TypeOf<typeof virtualMachineInstanceFileSystemInfo> {}
export const VirtualMachineInstanceFileSystemInfoSchema = named<VirtualMachineInstanceFileSystemInfo>(
  virtualMachineInstanceFileSystemInfo,
);

const guestAgentCommandInfo = object('io.kubevirt.v1.GuestAgentCommandInfo', '', {
  enabled: bool,
  name: required(string),
});
export interface GuestAgentCommandInfo extends TypeOf<typeof guestAgentCommandInfo> {}
export const GuestAgentCommandInfoSchema = named<GuestAgentCommandInfo>(guestAgentCommandInfo);

const virtualMachineInstanceGuestAgentInfo = object('io.kubevirt.v1.VirtualMachineInstanceGuestAgentInfo', '', {
  apiVersion: string,
  fsFreezeStatus: string,
  fsInfo: VirtualMachineInstanceFileSystemInfoSchema,
  guestAgentVersion: string,
  hostname: string,
  kind: string,
  os: VirtualMachineInstanceGuestOSInfoSchema,
  supportedCommands: list(GuestAgentCommandInfoSchema, { type: 'atomic' }),
  timezone: string,
  userList: list(VirtualMachineInstanceGuestOSUserSchema),
});
export interface VirtualMachineInstanceGuestAgentInfo extends TypeOf<typeof virtualMachineInstanceGuestAgentInfo> {}
export const VirtualMachineInstanceGuestAgentInfoSchema = named<VirtualMachineInstanceGuestAgentInfo>(
  virtualMachineInstanceGuestAgentInfo,
);

const virtualMachineInstanceFileSystemList = object('io.kubevirt.v1.VirtualMachineInstanceFileSystemList', '', {
  apiVersion: string,
  items: required(list(VirtualMachineInstanceFileSystemSchema)),
  kind: string,
  metadata: ListMetaSchema,
});
export interface VirtualMachineInstanceFileSystemList extends TypeOf<typeof virtualMachineInstanceFileSystemList> {}
export const VirtualMachineInstanceFileSystemListSchema = named<VirtualMachineInstanceFileSystemList>(
  virtualMachineInstanceFileSystemList,
);

const virtualMachineInstanceGuestOSUserList = object('io.kubevirt.v1.VirtualMachineInstanceGuestOSUserList', '', {
  apiVersion: string,
  items: required(list(VirtualMachineInstanceGuestOSUserSchema)),
  kind: string,
  metadata: ListMetaSchema,
});
export interface VirtualMachineInstanceGuestOSUserList extends TypeOf<typeof virtualMachineInstanceGuestOSUserList> {}
export const VirtualMachineInstanceGuestOSUserListSchema = named<VirtualMachineInstanceGuestOSUserList>(
  virtualMachineInstanceGuestOSUserList,
);
