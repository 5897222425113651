import type { XdrReader, XdrWriter } from './xdr.ts';

/** How libvirt names a domain on the wire. */
export interface Domain {
  name: string;
  /** Lower-case with dashes, as Kubernetes writes UIDs. */
  uuid: string;
  /** −1 while it does not run. */
  id: number;
}

/** @throws TypeError when the text is not a UUID. */
export function uuidBytes(uuid: string): Buffer {
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  if (bytes.length !== 16 || uuid.length !== 36) throw new TypeError(`"${uuid}" is not a UUID`);
  return bytes;
}

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function readDomain(reader: XdrReader): Domain {
  const name = reader.string();
  const uuid = uuidText(reader.fixed(16));
  return { name, uuid, id: reader.i32() };
}

export function writeDomain(writer: XdrWriter, domain: Domain): XdrWriter {
  return writer.string(domain.name).fixed(uuidBytes(domain.uuid)).i32(domain.id);
}
