import type { KubeObject } from '@virtplane/resources';
import type { AdmissionOutcome, AdmissionPlugin, AdmissionRequest } from '@virtplane/runtime';

/** Runs the links of admission in their order, mutating ones first. Nothing is awaited where nothing is asynchronous. */
export class AdmissionChain {
  readonly #mutating: readonly AdmissionPlugin[];
  readonly #validating: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#mutating = plugins.filter((p) => p.phase === 'mutating');
    this.#validating = plugins.filter((p) => p.phase === 'validating');
  }

  /**
   * The object after all mutating plugins; the request's own where none changed it. `onChange` sees each new object (defaults
   * again). Throws the refusal.
   */
  async mutate(
    request: AdmissionRequest,
    warn: (text: string) => void,
    onChange: (object: KubeObject) => void,
  ): Promise<KubeObject | undefined> {
    let current = request;
    for (const plugin of this.#mutating) {
      if (!plugin.handles(current)) continue;
      const outcome = await plugin.admit(current);
      settle(outcome, warn);
      if (outcome.object === undefined || outcome.object === current.object) continue;
      onChange(outcome.object);
      current = { ...current, object: outcome.object };
    }
    return current.object;
  }

  /** Throws the first refusal. */
  async validate(request: AdmissionRequest, warn: (text: string) => void): Promise<void> {
    for (const plugin of this.#validating) if (plugin.handles(request)) settle(await plugin.admit(request), warn);
  }
}

function settle(outcome: AdmissionOutcome, warn: (text: string) => void): void {
  for (const text of outcome.warnings ?? []) warn(text);
  if (outcome.denied !== undefined) throw outcome.denied;
}
