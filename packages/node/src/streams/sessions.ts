/**
 * Who is connected to which guest. One exclusive session per guest and kind: a newer one displaces all older ones, a shared
 * one joins them. Source: KubeVirt virt-api/virt-handler console and VNC behaviour; `shared` is ours.
 */
export interface Session {
  /** Ends it because another user connected. */
  displace(): void;
}

export type SessionKind = 'console' | 'vnc';

export interface SessionRequest {
  readonly shared: boolean;
  /** Refuse rather than displace. */
  readonly preserve: boolean;
}

export class Sessions {
  readonly #open = new Map<string, Set<Session>>();

  /** May this request be let in? Asked before the upgrade, so that the refusal is an HTTP answer. */
  isRefused(uid: string, kind: SessionKind, request: SessionRequest): boolean {
    return request.preserve && !request.shared && (this.#open.get(`${uid}/${kind}`)?.size ?? 0) > 0;
  }

  /** Takes the session in, displacing others as asked. The returned function is called when it has ended. */
  enter(uid: string, kind: SessionKind, session: Session, request: SessionRequest): () => void {
    const key = `${uid}/${kind}`;
    let sessions = this.#open.get(key);
    if (!request.shared && sessions) for (const other of [...sessions]) other.displace();
    sessions = this.#open.get(key) ?? new Set();
    sessions.add(session);
    this.#open.set(key, sessions);
    return () => {
      const current = this.#open.get(key);
      current?.delete(session);
      if (current?.size === 0) this.#open.delete(key);
    };
  }

  count(uid: string, kind: SessionKind): number {
    return this.#open.get(`${uid}/${kind}`)?.size ?? 0;
  }
}
