/**
 * Writes small ISO 9660 images with Joliet names and Rock Ridge names: what cloud-init, Ignition and Windows set-up read as a
 * configuration drive. Everything is built in memory; content is bounded by the callers (cloud-init data, Secrets, ConfigMaps).
 * Sources: ECMA-119, Joliet specification, IEEE P1282 (Rock Ridge) and P1281 (SUSP).
 */
const sectorBytes = 2048;

export interface IsoFile {
  /** Path with `/` between directories: `openstack/latest/user_data`. */
  readonly path: string;
  readonly content: Buffer | string;
  /** POSIX mode of the file; 0444 when absent. */
  readonly mode?: number;
}

interface Directory {
  readonly name: string;
  readonly directories: Map<string, Directory>;
  readonly files: Map<string, { readonly content: Buffer; readonly mode: number }>;
}

interface Entry {
  readonly name: string;
  readonly directory?: Directory;
  readonly file?: { readonly content: Buffer; readonly mode: number };
}

type Tree = 'primary' | 'joliet';

const newDirectory = (name: string): Directory => ({ name, directories: new Map(), files: new Map() });

function buildTree(files: readonly IsoFile[]): Directory {
  const root = newDirectory('');
  for (const { path, content, mode } of files) {
    const parts = path.split('/');
    const fileName = parts.pop() ?? '';
    let directory = root;
    for (const part of parts) {
      checkName(part, path);
      if (directory.files.has(part)) throw new RangeError(`"${path}": "${part}" is a file and a directory`);
      let next = directory.directories.get(part);
      if (!next) {
        next = newDirectory(part);
        directory.directories.set(part, next);
      }
      directory = next;
    }
    checkName(fileName, path);
    if (directory.directories.has(fileName) || directory.files.has(fileName))
      throw new RangeError(`"${path}" is given twice`);
    directory.files.set(fileName, {
      content: typeof content === 'string' ? Buffer.from(content) : content,
      mode: mode ?? 0o444,
    });
  }
  return root;
}

/** Joliet's own bound is 64 characters; longer ones (up to 103) are read by every system and written by mkisofs too. */
function checkName(name: string, path: string): void {
  if (
    name === '' ||
    name === '.' ||
    name === '..' ||
    name.includes('\0') ||
    name.length > 103 ||
    Buffer.byteLength(name) > 180
  ) {
    throw new RangeError(`"${path}" cannot be a path in a configuration disk`);
  }
}

/** ISO 9660 level 1 names: upper case, `_` for the rest, made unique by a number. Only readers without both extensions see them. */
function plainNames(names: readonly string[], isDirectory: (name: string) => boolean): Map<string, string> {
  const taken = new Set<string>();
  const result = new Map<string, string>();
  for (const name of names) {
    const upper = name.toUpperCase().replace(/[^A-Z0-9_.]/g, '_');
    const dot = isDirectory(name) ? -1 : upper.lastIndexOf('.');
    const stem = (dot > 0 ? upper.slice(0, dot) : upper).replaceAll('.', '_');
    const extension = dot > 0 ? upper.slice(dot + 1, dot + 4) : '';
    for (let i = 0; ; i++) {
      const suffix = i === 0 ? '' : String(i);
      const candidate = `${stem.slice(0, 8 - suffix.length)}${suffix}${isDirectory(name) ? '' : `.${extension};1`}`;
      if (taken.has(candidate)) continue;
      taken.add(candidate);
      result.set(name, candidate);
      break;
    }
  }
  return result;
}

const both32 = (target: Buffer, value: number, offset: number): void => {
  target.writeUInt32LE(value, offset);
  target.writeUInt32BE(value, offset + 4);
};
const both16 = (target: Buffer, value: number, offset: number): void => {
  target.writeUInt16LE(value, offset);
  target.writeUInt16BE(value, offset + 2);
};

const ucs2 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/** 17-byte date of volume descriptors; the time is fixed so that equal content gives equal images. */
const fixedDate = Buffer.from('2024010100000000\0', 'latin1');
const recordDate = Buffer.from([124, 1, 1, 0, 0, 0, 0]);

const systemUse = {
  /** SP: System Use Sharing Protocol in use; only on the root's own entry. */
  sp: Buffer.from([0x53, 0x50, 7, 1, 0xbe, 0xef, 0]),
  /** ER: names the extension; without it some readers ignore Rock Ridge. */
  er: ((): Buffer => {
    const id = 'RRIP_1991A';
    const descriptor = 'THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS';
    return Buffer.concat([
      Buffer.from([0x45, 0x52, 8 + id.length + descriptor.length, 1, id.length, descriptor.length, 0, 1]),
      Buffer.from(id + descriptor, 'latin1'),
    ]);
  })(),
  nm(name: string): Buffer {
    const bytes = Buffer.from(name);
    return Buffer.concat([Buffer.from([0x4e, 0x4d, 5 + bytes.length, 1, 0]), bytes]);
  },
  px(mode: number, links: number): Buffer {
    const entry = Buffer.alloc(36);
    entry.write('PX', 0, 'latin1');
    entry[2] = 36;
    entry[3] = 1;
    both32(entry, mode, 4);
    both32(entry, links, 12);
    return entry;
  },
};

const directoryMode = 0o040555;
const regularFile = 0o100000;

function directoryRecord(
  identifier: Buffer,
  extent: number,
  length: number,
  isDirectory: boolean,
  use: readonly Buffer[],
): Buffer {
  const padding = identifier.length % 2 === 0 ? 1 : 0;
  const useBytes = Buffer.concat(use);
  const size = 33 + identifier.length + padding + useBytes.length;
  const record = Buffer.alloc(size + (size % 2));
  record[0] = record.length;
  both32(record, extent, 2);
  both32(record, length, 10);
  recordDate.copy(record, 18);
  record[25] = isDirectory ? 2 : 0;
  both16(record, 1, 28);
  record[32] = identifier.length;
  identifier.copy(record, 33);
  useBytes.copy(record, 33 + identifier.length + padding);
  return record;
}

interface Placed {
  readonly directory: Directory;
  readonly parent: number;
  readonly number: number;
  readonly entries: readonly { readonly entry: Entry; readonly identifier: Buffer }[];
  extent: number;
  lengthBytes: number;
}

/** Directories in path-table order (by level, then parent, then name), each with its entries sorted by identifier. */
function placeDirectories(root: Directory, tree: Tree): Placed[] {
  const placed: Placed[] = [];
  const queue: { directory: Directory; parent: number }[] = [{ directory: root, parent: 1 }];
  for (let at = 0; at < queue.length; at++) {
    const { directory, parent } = queue[at] as { directory: Directory; parent: number };
    const names = [...directory.directories.keys(), ...directory.files.keys()];
    const plain = tree === 'primary' ? plainNames(names, (n) => directory.directories.has(n)) : undefined;
    const entries = names
      .map((name) => {
        const file = directory.files.get(name);
        const sub = directory.directories.get(name);
        const identifier = plain ? Buffer.from(plain.get(name) ?? '', 'latin1') : ucs2(name);
        return { entry: { name, ...(file && { file }), ...(sub && { directory: sub }) }, identifier };
      })
      .sort((a, b) => a.identifier.compare(b.identifier));
    placed.push({ directory, parent, number: at + 1, entries, extent: 0, lengthBytes: 0 });
    for (const { entry } of entries) if (entry.directory) queue.push({ directory: entry.directory, parent: at + 1 });
  }
  return placed;
}

type Locate = (file: { readonly content: Buffer }) => number;

function renderDirectory(at: Placed, all: readonly Placed[], tree: Tree, locate: Locate): Buffer {
  const rockRidge = tree === 'primary';
  const isRoot = at.number === 1;
  const parent = all[at.parent - 1] as Placed;
  const attributes = systemUse.px(directoryMode, 2 + at.directory.directories.size);
  const records: Buffer[] = [
    directoryRecord(
      Buffer.from([0]),
      at.extent,
      at.lengthBytes,
      true,
      rockRidge ? [...(isRoot ? [systemUse.sp] : []), attributes, ...(isRoot ? [systemUse.er] : [])] : [],
    ),
    directoryRecord(Buffer.from([1]), parent.extent, parent.lengthBytes, true, rockRidge ? [attributes] : []),
  ];
  for (const { entry, identifier } of at.entries) {
    const sub = entry.directory && all.find((p) => p.directory === entry.directory);
    if (sub) {
      const use = rockRidge
        ? [systemUse.nm(entry.name), systemUse.px(directoryMode, 2 + sub.directory.directories.size)]
        : [];
      records.push(directoryRecord(identifier, sub.extent, sub.lengthBytes, true, use));
    } else if (entry.file) {
      const use = rockRidge ? [systemUse.nm(entry.name), systemUse.px(regularFile | entry.file.mode, 1)] : [];
      records.push(directoryRecord(identifier, locate(entry.file), entry.file.content.length, false, use));
    }
  }
  return packRecords(records);
}

/** A directory record never crosses a sector's end. */
function packRecords(records: readonly Buffer[]): Buffer {
  const sectors: Buffer[] = [];
  let sector = Buffer.alloc(sectorBytes);
  let used = 0;
  for (const record of records) {
    if (used + record.length > sectorBytes) {
      sectors.push(sector);
      sector = Buffer.alloc(sectorBytes);
      used = 0;
    }
    record.copy(sector, used);
    used += record.length;
  }
  sectors.push(sector);
  return Buffer.concat(sectors);
}

function pathTable(all: readonly Placed[], tree: Tree, bigEndian: boolean): Buffer {
  const rows = all.map((at) => {
    const own = all[at.parent - 1]?.entries.find((e) => e.entry.directory === at.directory)?.identifier;
    const identifier = at.number === 1 || !own ? Buffer.from([0]) : own;
    const row = Buffer.alloc(8 + identifier.length + (identifier.length % 2));
    row[0] = identifier.length;
    if (bigEndian) {
      row.writeUInt32BE(at.extent, 2);
      row.writeUInt16BE(at.parent, 6);
    } else {
      row.writeUInt32LE(at.extent, 2);
      row.writeUInt16LE(at.parent, 6);
    }
    identifier.copy(row, 8);
    return row;
  });
  if (tree === 'joliet' && rows.length > 0xffff) throw new RangeError('too many directories');
  return Buffer.concat(rows);
}

interface DescriptorPlan {
  readonly tree: Tree;
  readonly label: string;
  readonly totalSectors: number;
  readonly tableBytes: number;
  readonly tableLe: number;
  readonly tableBe: number;
  readonly root: Placed;
}

function volumeDescriptor(plan: DescriptorPlan): Buffer {
  const joliet = plan.tree === 'joliet';
  const text = (value: string, length: number): Buffer => {
    const field = Buffer.alloc(length, joliet ? ucs2(' ') : ' ');
    (joliet ? ucs2(value) : Buffer.from(value, 'latin1')).copy(field, 0, 0, length - (joliet ? length % 2 : 0));
    return field;
  };
  const d = Buffer.alloc(sectorBytes);
  d[0] = joliet ? 2 : 1;
  d.write('CD001', 1, 'latin1');
  d[6] = 1;
  text('', 32).copy(d, 8);
  text(plan.label, 32).copy(d, 40);
  both32(d, plan.totalSectors, 80);
  if (joliet) Buffer.from([0x25, 0x2f, 0x45]).copy(d, 88);
  both16(d, 1, 120);
  both16(d, 1, 124);
  both16(d, sectorBytes, 128);
  both32(d, plan.tableBytes, 132);
  d.writeUInt32LE(plan.tableLe, 140);
  d.writeUInt32BE(plan.tableBe, 148);
  directoryRecord(Buffer.from([0]), plan.root.extent, plan.root.lengthBytes, true, []).copy(d, 156);
  for (const offset of [190, 318, 446, 574]) text('', 128).copy(d, offset);
  for (const offset of [702, 739, 776]) text('', 37).copy(d, offset);
  fixedDate.copy(d, 813);
  fixedDate.copy(d, 830);
  Buffer.from('0000000000000000\0', 'latin1').copy(d, 847);
  Buffer.from('0000000000000000\0', 'latin1').copy(d, 864);
  d[881] = 1;
  return d;
}

const sectorsOf = (bytes: number): number => Math.ceil(bytes / sectorBytes);
const padded = (bytes: Buffer): Buffer => {
  const rest = bytes.length % sectorBytes;
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(sectorBytes - rest)]);
};

/**
 * The bytes of an ISO image. `label`: the volume label as written, also in lower case (`cidata`: cloud-init compares without
 * case, Linux' by-label links do not). Throws RangeError for names that cannot be written.
 */
export function isoImage(label: string, files: readonly IsoFile[]): Buffer {
  if (label.length === 0 || label.length > 16)
    throw new RangeError(`the volume label "${label}" must have 1 to 16 characters`);
  const root = buildTree(files);
  const trees: { tree: Tree; placed: Placed[] }[] = [
    { tree: 'primary', placed: placeDirectories(root, 'primary') },
    { tree: 'joliet', placed: placeDirectories(root, 'joliet') },
  ];

  // Sector 16: primary, 17: Joliet, 18: terminator; then path tables, directories, file contents.
  let next = 19;
  const tables = trees.map(({ tree, placed }) => {
    const bytes = pathTable(placed, tree, false).length;
    const le = next;
    const be = next + sectorsOf(bytes);
    next = be + sectorsOf(bytes);
    return { bytes, le, be };
  });
  const nowhere: Locate = () => 0;
  for (const { tree, placed } of trees) {
    for (const at of placed) {
      at.lengthBytes = renderDirectory(at, placed, tree, nowhere).length;
      at.extent = next;
      next += sectorsOf(at.lengthBytes);
    }
  }
  const extents = new Map<object, number>();
  const contents: Buffer[] = [];
  for (const { directory } of trees[0]?.placed ?? []) {
    for (const file of directory.files.values()) {
      extents.set(file, file.content.length === 0 ? 0 : next);
      contents.push(file.content);
      next += sectorsOf(file.content.length);
    }
  }
  const locate: Locate = (file) => extents.get(file) ?? 0;
  // Some readers look ahead past the last file; mkisofs leaves 150 sectors for them, a few are enough for disks.
  const totalSectors = next + 16;

  const parts: Buffer[] = [Buffer.alloc(16 * sectorBytes)];
  trees.forEach(({ tree, placed }, i) => {
    const table = tables[i] as { bytes: number; le: number; be: number };
    parts.push(
      volumeDescriptor({
        tree,
        label,
        totalSectors,
        tableBytes: table.bytes,
        tableLe: table.le,
        tableBe: table.be,
        root: placed[0] as Placed,
      }),
    );
  });
  const terminator = Buffer.alloc(sectorBytes);
  terminator[0] = 255;
  terminator.write('CD001', 1, 'latin1');
  terminator[6] = 1;
  parts.push(terminator);
  for (const { tree, placed } of trees)
    parts.push(padded(pathTable(placed, tree, false)), padded(pathTable(placed, tree, true)));
  for (const { tree, placed } of trees) for (const at of placed) parts.push(renderDirectory(at, placed, tree, locate));
  for (const content of contents) parts.push(padded(content));
  parts.push(Buffer.alloc(16 * sectorBytes));
  return Buffer.concat(parts);
}
