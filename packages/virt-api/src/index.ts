export { type VirtApiAdmissionOptions, virtApiAdmission } from './admission/plugins.ts';
export { COMPONENT_USERS } from './admission/users.ts';
