import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import type { PreparedGuest } from '../hypervisor/prepared-guest.ts';

type Firmware = NonNullable<PreparedGuest['firmware']>;

/** Debian's and Fedora's places of OVMF builds, best first. */
const candidates: Readonly<Record<'secure' | 'plain', readonly { code: string; variablesTemplate: string }[]>> = {
  secure: [
    { code: '/usr/share/OVMF/OVMF_CODE_4M.ms.fd', variablesTemplate: '/usr/share/OVMF/OVMF_VARS_4M.ms.fd' },
    { code: '/usr/share/OVMF/OVMF_CODE.secboot.fd', variablesTemplate: '/usr/share/OVMF/OVMF_VARS.secboot.fd' },
  ],
  plain: [
    { code: '/usr/share/OVMF/OVMF_CODE_4M.fd', variablesTemplate: '/usr/share/OVMF/OVMF_VARS_4M.fd' },
    { code: '/usr/share/OVMF/OVMF_CODE.fd', variablesTemplate: '/usr/share/OVMF/OVMF_VARS.fd' },
  ],
};

/** The UEFI build for a guest; `undefined`: none is installed (the domain is then refused with that text). */
export async function findFirmware(host: Host, secureBoot: boolean, directory: string): Promise<Firmware | undefined> {
  for (const candidate of candidates[secureBoot ? 'secure' : 'plain']) {
    if ((await host.status(candidate.code)) && (await host.status(candidate.variablesTemplate))) {
      return { ...candidate, variables: join(directory, 'nvram.fd') };
    }
  }
  return undefined;
}
