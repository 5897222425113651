const versionBytes = 12;

/**
 * Rewrites the client's side of an RFB handshake so that ClientInit always asks for a shared session: QEMU disconnects every
 * other viewer when that byte is 0, and who displaces whom is decided here, not by a viewer's default. Source: RFC 6143 §7.3;
 * RFB 3.3 clients send no security type, later ones send one byte. QEMU is run without VNC authentication.
 */
export class SharedClientInit {
  #offset = 0;
  #version = '';
  #done = false;

  /** The same bytes, changed in place of a copy where needed. */
  pass(bytes: Buffer): Buffer {
    if (this.#done) return bytes;
    if (this.#version.length < versionBytes) {
      this.#version += bytes.toString('latin1', 0, versionBytes - this.#version.length);
    }
    const end = this.#offset + bytes.length;
    const from = this.#offset;
    this.#offset = end;
    if (this.#version.length < versionBytes) return bytes;
    const initAt = this.#version.startsWith('RFB 003.003') ? versionBytes : versionBytes + 1;
    if (end <= initAt) return bytes;
    this.#done = true;
    if (bytes[initAt - from] === 1) return bytes;
    const changed = Buffer.from(bytes);
    changed[initAt - from] = 1;
    return changed;
  }
}
