import {
  type EmptyObject,
  emptyObject,
  list,
  named,
  object,
  required,
  string,
  type TypeOf,
} from '../schema/builder.ts';

const accessCredentialSecretSource = object('io.kubevirt.v1.AccessCredentialSecretSource', '', {
  secretName: required(string),
});
export interface AccessCredentialSecretSource extends TypeOf<typeof accessCredentialSecretSource> {}
export const AccessCredentialSecretSourceSchema = named<AccessCredentialSecretSource>(accessCredentialSecretSource);

export const ConfigDriveSSHPublicKeyAccessCredentialPropagationSchema = emptyObject(
  'io.kubevirt.v1.ConfigDriveSSHPublicKeyAccessCredentialPropagation',
);
export type ConfigDriveSSHPublicKeyAccessCredentialPropagation = EmptyObject;

const qemuGuestAgentSSHPublicKeyAccessCredentialPropagation = object(
  'io.kubevirt.v1.QemuGuestAgentSSHPublicKeyAccessCredentialPropagation',
  '',
  {
    users: required(list(string, { type: 'set' })),
  },
);
export interface QemuGuestAgentSSHPublicKeyAccessCredentialPropagation
  extends TypeOf<typeof qemuGuestAgentSSHPublicKeyAccessCredentialPropagation> {}
export const QemuGuestAgentSSHPublicKeyAccessCredentialPropagationSchema =
  named<QemuGuestAgentSSHPublicKeyAccessCredentialPropagation>(qemuGuestAgentSSHPublicKeyAccessCredentialPropagation);

const sshPublicKeyAccessCredentialPropagationMethod = object(
  'io.kubevirt.v1.SSHPublicKeyAccessCredentialPropagationMethod',
  '',
  {
    configDrive: ConfigDriveSSHPublicKeyAccessCredentialPropagationSchema,
    qemuGuestAgent: QemuGuestAgentSSHPublicKeyAccessCredentialPropagationSchema,
  },
);
export interface SSHPublicKeyAccessCredentialPropagationMethod
  extends TypeOf<typeof sshPublicKeyAccessCredentialPropagationMethod> {}
export const SSHPublicKeyAccessCredentialPropagationMethodSchema = named<SSHPublicKeyAccessCredentialPropagationMethod>(
  sshPublicKeyAccessCredentialPropagationMethod,
);

const sshPublicKeyAccessCredentialSource = object('io.kubevirt.v1.SSHPublicKeyAccessCredentialSource', '', {
  secret: AccessCredentialSecretSourceSchema,
});
export interface SSHPublicKeyAccessCredentialSource extends TypeOf<typeof sshPublicKeyAccessCredentialSource> {}
export const SSHPublicKeyAccessCredentialSourceSchema = named<SSHPublicKeyAccessCredentialSource>(
  sshPublicKeyAccessCredentialSource,
);

const sshPublicKeyAccessCredential = object('io.kubevirt.v1.SSHPublicKeyAccessCredential', '', {
  propagationMethod: required(SSHPublicKeyAccessCredentialPropagationMethodSchema),
  source: required(SSHPublicKeyAccessCredentialSourceSchema),
});
export interface SSHPublicKeyAccessCredential extends TypeOf<typeof sshPublicKeyAccessCredential> {}
export const SSHPublicKeyAccessCredentialSchema = named<SSHPublicKeyAccessCredential>(sshPublicKeyAccessCredential);

export const QemuGuestAgentUserPasswordAccessCredentialPropagationSchema = emptyObject(
  'io.kubevirt.v1.QemuGuestAgentUserPasswordAccessCredentialPropagation',
);
export type QemuGuestAgentUserPasswordAccessCredentialPropagation = EmptyObject;

const userPasswordAccessCredentialPropagationMethod = object(
  'io.kubevirt.v1.UserPasswordAccessCredentialPropagationMethod',
  '',
  {
    qemuGuestAgent: QemuGuestAgentUserPasswordAccessCredentialPropagationSchema,
  },
);
export interface UserPasswordAccessCredentialPropagationMethod
  extends TypeOf<typeof userPasswordAccessCredentialPropagationMethod> {}
export const UserPasswordAccessCredentialPropagationMethodSchema = named<UserPasswordAccessCredentialPropagationMethod>(
  userPasswordAccessCredentialPropagationMethod,
);

const userPasswordAccessCredentialSource = object('io.kubevirt.v1.UserPasswordAccessCredentialSource', '', {
  secret: AccessCredentialSecretSourceSchema,
});
export interface UserPasswordAccessCredentialSource extends TypeOf<typeof userPasswordAccessCredentialSource> {}
export const UserPasswordAccessCredentialSourceSchema = named<UserPasswordAccessCredentialSource>(
  userPasswordAccessCredentialSource,
);

const userPasswordAccessCredential = object('io.kubevirt.v1.UserPasswordAccessCredential', '', {
  propagationMethod: required(UserPasswordAccessCredentialPropagationMethodSchema),
  source: required(UserPasswordAccessCredentialSourceSchema),
});
export interface UserPasswordAccessCredential extends TypeOf<typeof userPasswordAccessCredential> {}
export const UserPasswordAccessCredentialSchema = named<UserPasswordAccessCredential>(userPasswordAccessCredential);

const accessCredential = object('io.kubevirt.v1.AccessCredential', '', {
  sshPublicKey: SSHPublicKeyAccessCredentialSchema,
  userPassword: UserPasswordAccessCredentialSchema,
});
export interface AccessCredential extends TypeOf<typeof accessCredential> {}
export const AccessCredentialSchema = named<AccessCredential>(accessCredential);
