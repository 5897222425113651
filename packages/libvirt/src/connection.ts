/**
 * One connection to a libvirtd: calls run in parallel and are matched by serial; events and streams come in between.
 * Only unix sockets: the daemon is our own and on this machine.
 */
import net from 'node:net';
import { LibvirtConnectionError, LibvirtTimeoutError, readLibvirtError } from './errors.ts';
import { MessageReader } from './message-reader.ts';
import {
  headerBytes,
  keepAliveProcedure,
  maxMessageBytes,
  messageStatus,
  messageType,
  procedure,
  program,
  protocolVersion,
} from './protocol.ts';
import { XdrReader, XdrWriter } from './xdr.ts';

export interface ConnectOptions {
  socketPath: string;
  /** `qemu:///system` (default) or `qemu:///session`. */
  uri?: string;
  /** Milliseconds to reach the daemon and open the driver; default 30 000 (the driver may still be starting). */
  connectTimeoutMs?: number;
}

export interface CallOptions {
  /** Which of libvirt's programs; default the remote program. */
  program?: number;
  /** After so many milliseconds the call rejects with LibvirtTimeoutError; default: never. libvirtd still carries it out. */
  timeoutMs?: number;
}

export type EventListener = (procedureNumber: number, body: XdrReader) => void;

interface PendingCall {
  resolve(reader: XdrReader): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout | undefined;
}

/** A stream of bytes that libvirtd sends after a call, e.g. a screenshot. */
interface Download {
  chunks: Buffer[];
  bytes: number;
  limitBytes: number;
  program: number;
  procedure: number;
  finished: boolean;
  resolve(data: Buffer): void;
  reject(error: Error): void;
}

/** Arguments of a call: room for the header is reserved, so that the message is one buffer. */
export function callArguments(): XdrWriter {
  return new XdrWriter(headerBytes);
}

function fillHeader(
  message: Buffer,
  header: { program: number; procedure: number; type: number; serial: number; status: number },
): Buffer {
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(header.program, 4);
  message.writeUInt32BE(protocolVersion, 8);
  message.writeUInt32BE(header.procedure, 12);
  message.writeUInt32BE(header.type, 16);
  message.writeUInt32BE(header.serial, 20);
  message.writeUInt32BE(header.status, 24);
  return message;
}

export class LibvirtConnection {
  readonly #socket: net.Socket;
  readonly #pending = new Map<number, PendingCall>();
  readonly #downloads = new Map<number, Download>();
  readonly #eventListeners = new Set<EventListener>();
  readonly #closeListeners = new Set<(error: LibvirtConnectionError) => void>();
  readonly #messages = new MessageReader(maxMessageBytes);
  #serial = 0;
  #closedBy: LibvirtConnectionError | undefined;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#end(`The connection to libvirtd failed: ${error.message}`));
    socket.on('close', () => this.#end('libvirtd closed the connection'));
  }

  /**
   * Connects, checks that no authentication is asked for, and opens the hypervisor driver.
   * @throws LibvirtConnectionError when nobody listens, LibvirtTimeoutError when nobody answers, LibvirtError when refused.
   */
  static async connect(options: ConnectOptions): Promise<LibvirtConnection> {
    const { socketPath, uri = 'qemu:///system', connectTimeoutMs = 30_000 } = options;
    const socket = await new Promise<net.Socket>((resolve, reject) => {
      const opening = net.connect(socketPath);
      opening.once('connect', () => {
        opening.removeAllListeners('error');
        resolve(opening);
      });
      opening.once('error', (error: NodeJS.ErrnoException) => {
        reject(new LibvirtConnectionError(`No libvirtd answers at ${socketPath} (${error.code ?? error.message})`));
      });
    });
    const connection = new LibvirtConnection(socket);
    try {
      const authentication = await connection.call(procedure.authList, undefined, { timeoutMs: connectTimeoutMs });
      const types = authentication.array((reader) => reader.u32());
      if (types.length > 0 && !types.includes(0)) {
        throw new LibvirtConnectionError(
          `libvirtd at ${socketPath} demands authentication; set auth_unix_rw = "none" in its libvirtd.conf`,
        );
      }
      await connection.call(procedure.connectOpen, callArguments().optionalString(uri).u32(0), {
        timeoutMs: connectTimeoutMs,
      });
      return connection;
    } catch (error) {
      connection.#socket.destroy();
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.#closedBy === undefined;
  }

  /**
   * One procedure call.
   * @param args made with `callArguments()`; used up by the call.
   * @returns a reader of the reply's body.
   * @throws LibvirtError as answered, LibvirtConnectionError, LibvirtTimeoutError.
   */
  call(procedureNumber: number, args?: XdrWriter, options: CallOptions = {}): Promise<XdrReader> {
    return new Promise((resolve, reject) => {
      if (this.#closedBy) {
        reject(this.#closedBy);
        return;
      }
      const serial = this.#nextSerial();
      let timer: NodeJS.Timeout | undefined;
      if (options.timeoutMs !== undefined) {
        timer = setTimeout(() => {
          this.#pending.delete(serial);
          reject(
            new LibvirtTimeoutError(`libvirtd did not answer call ${procedureNumber} within ${options.timeoutMs} ms`),
          );
        }, options.timeoutMs);
      }
      this.#pending.set(serial, { resolve, reject, timer });
      const header = {
        program: options.program ?? program.remote,
        procedure: procedureNumber,
        type: messageType.call,
        serial,
        status: messageStatus.ok,
      };
      this.#socket.write(fillHeader((args ?? callArguments()).finish(), header));
    });
  }

  /**
   * A call whose answer is followed by a stream of bytes.
   * @param limitBytes more than this ends the connection: the daemon would be lying.
   */
  async download(
    procedureNumber: number,
    args: XdrWriter,
    options: CallOptions & { limitBytes: number },
  ): Promise<{ reply: XdrReader; data: Buffer }> {
    // The stream carries the call's serial and may begin in the packet after the reply: it is registered before the call.
    const serial = this.#serialAfter();
    const data = new Promise<Buffer>((resolve, reject) => {
      this.#downloads.set(serial, {
        chunks: [],
        bytes: 0,
        limitBytes: options.limitBytes,
        program: options.program ?? program.remote,
        procedure: procedureNumber,
        finished: false,
        resolve,
        reject,
      });
    });
    // The call's own failure is reported by the call; the stream then never begins.
    data.catch(() => undefined);
    try {
      const reply = await this.call(procedureNumber, args, options);
      return { reply, data: await data };
    } finally {
      this.#downloads.delete(serial);
    }
  }

  /** Listens to event messages until the returned function is called. */
  onEvent(listener: EventListener): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  /** Calls back once when the connection ends, also when `close()` ended it; at once when it has already ended. */
  onClose(listener: (error: LibvirtConnectionError) => void): () => void {
    if (this.#closedBy) {
      listener(this.#closedBy);
      return () => undefined;
    }
    this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  /** Ends the connection; open calls are rejected. The daemon and its guests are not touched. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.#end('The connection to libvirtd was closed');
    await new Promise<void>((resolve) => this.#socket.end(resolve));
    this.#socket.destroy();
  }

  #serialAfter(): number {
    return this.#serial >= 0xffffffff ? 1 : this.#serial + 1;
  }

  #nextSerial(): number {
    this.#serial = this.#serialAfter();
    return this.#serial;
  }

  #receive(chunk: Buffer): void {
    try {
      for (const message of this.#messages.push(chunk)) this.#dispatch(message);
    } catch (error) {
      // A length or a body that can't be true: nothing after it can be trusted either.
      const text = error instanceof Error ? error.message : String(error);
      this.#end(`libvirtd sent something that is not libvirt RPC: ${text}`);
      this.#socket.destroy();
    }
  }

  #dispatch(message: Buffer): void {
    const programNumber = message.readUInt32BE(4);
    const procedureNumber = message.readUInt32BE(12);
    const type = message.readUInt32BE(16);
    const serial = message.readUInt32BE(20);
    const status = message.readUInt32BE(24);

    if (programNumber === program.keepAlive) {
      if (procedureNumber === keepAliveProcedure.ping) this.#pong();
      return;
    }
    const body = new XdrReader(message, headerBytes);
    switch (type) {
      case messageType.message:
        for (const listener of this.#eventListeners) listener(procedureNumber, new XdrReader(message, headerBytes));
        return;
      case messageType.stream:
        this.#receiveStream(serial, status, body);
        return;
      case messageType.reply: {
        // Unknown serials are answers to calls that have timed out.
        const call = this.#pending.get(serial);
        if (!call) return;
        // Decoded first: when that fails, the call is still pending and is rejected with the connection.
        const refusal = status === messageStatus.ok ? undefined : readLibvirtError(body);
        this.#pending.delete(serial);
        clearTimeout(call.timer);
        if (refusal) call.reject(refusal);
        else call.resolve(body);
        return;
      }
    }
  }

  #receiveStream(serial: number, status: number, body: XdrReader): void {
    const download = this.#downloads.get(serial);
    if (!download) return;
    if (status === messageStatus.error) {
      download.reject(readLibvirtError(body));
      this.#downloads.delete(serial);
      return;
    }
    if (status === messageStatus.continue) {
      const data = body.rest();
      if (data.length > 0) {
        download.bytes += data.length;
        if (download.bytes > download.limitBytes) {
          throw new RangeError(`a stream of more than ${download.limitBytes} bytes`);
        }
        download.chunks.push(data);
        return;
      }
      // An empty packet is the end of the data; libvirtd waits for our "finish" and answers it.
      if (!download.finished) {
        download.finished = true;
        const header = { ...download, type: messageType.stream, serial, status: messageStatus.ok };
        this.#socket.write(fillHeader(Buffer.alloc(headerBytes), header));
      }
      return;
    }
    this.#downloads.delete(serial);
    download.resolve(Buffer.concat(download.chunks, download.bytes));
  }

  #pong(): void {
    const header = {
      program: program.keepAlive,
      procedure: keepAliveProcedure.pong,
      type: messageType.message,
      serial: 0,
      status: messageStatus.ok,
    };
    this.#socket.write(fillHeader(Buffer.alloc(headerBytes), header));
  }

  #end(reason: string): void {
    if (this.#closedBy) return;
    const error = new LibvirtConnectionError(reason);
    this.#closedBy = error;
    for (const call of this.#pending.values()) {
      clearTimeout(call.timer);
      call.reject(error);
    }
    this.#pending.clear();
    for (const download of this.#downloads.values()) download.reject(error);
    this.#downloads.clear();
    for (const listener of this.#closeListeners) listener(error);
    this.#closeListeners.clear();
    this.#eventListeners.clear();
  }
}
