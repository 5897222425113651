import { isStatusError, type KubevirtVolume, Pod, Secret, type VirtualMachineInstance } from '@virtplane/resources';
import {
  type ControllerContext,
  type EventRecorder,
  type Informer,
  isConflict,
  type Logger,
  semanticallyEqual,
  setCondition,
  timestamp,
  WorkQueue,
} from '@virtplane/runtime';
import { credentialsFor, type RegistryCredentials } from '../images/credentials.ts';
import { errorText, ImageError } from '../images/errors.ts';
import type { ImageStore } from '../images/image-store.ts';
import { type PullPolicy, parseReference } from '../images/reference.ts';
import type { PodNetwork, PodSandbox } from '../network/index.ts';
import { planPod } from './plan.ts';
import { type ImageState, isReady, type PodFacts, renderPodStatus } from './pod-status.ts';

export interface PodManagerOptions {
  readonly context: ControllerContext;
  readonly pods: Informer<Pod>;
  readonly vmis: Informer<VirtualMachineInstance>;
  readonly podNetwork: PodNetwork;
  readonly images: ImageStore;
  readonly nodeName: string;
  readonly nodeIp: string;
  /** Anything of the Pod's guest that is still here. */
  hasGuest(podUid: string): boolean;
  /** Network and images are there; the Pod's status does not say so yet. */
  onSandboxReady(pod: Pod, sandbox: PodSandbox): void;
  /** The Pod or its sandbox has changed: the guest has to be looked at. */
  onPodChanged(vmiUid: string): void;
}

interface Image {
  readonly reference: string;
  readonly policy?: PullPolicy;
  readonly pullSecret?: string;
  readonly path?: string;
}

interface Work {
  sandbox?: PodSandbox;
  sandboxError?: string;
  readonly images: Map<string, ImageState>;
  /** Failed pulls of an image: how often, and when the next is due. */
  readonly backOff: Map<string, { failures: number; retryAtMs: number }>;
  readonly pulling: Set<string>;
}

export const launcherLabel = 'kubevirt.io';
const launcherValue = 'virt-launcher';
const createdByLabel = 'kubevirt.io/created-by';
const workers = 8;
/** kubelet's back-off of image pulls. */
const pullBackOffMs = { first: 10_000, longest: 300_000 };

export const isLauncher = (pod: Pod): boolean => pod.metadata?.labels?.[launcherLabel] === launcherValue;
export const vmiUidOf = (pod: Pod): string => pod.metadata?.labels?.[createdByLabel] ?? '';

/** The kubelet of a standalone node, for launcher Pods only: sandbox, images, status, deletion. Keyed by Pod UID. */
export class PodManager {
  readonly #options: PodManagerOptions;
  readonly #log: Logger;
  readonly #events: EventRecorder;
  readonly #queue: WorkQueue;
  readonly #work = new Map<string, Work>();
  readonly #refused = new Set<string>();
  readonly #workers: Promise<void>[] = [];
  #removeHandler: () => void = () => undefined;

  constructor(options: PodManagerOptions) {
    this.#options = options;
    this.#log = options.context.log.child({ component: 'kubelet' });
    this.#events = options.context.events('kubelet');
    this.#queue = new WorkQueue({ clock: options.context.clock, maximumDelayMs: 10_000 });
  }

  /** Pods must have been synced. Takes over the sandboxes that are there. */
  async run(): Promise<void> {
    for (const sandbox of await this.#options.podNetwork.list()) {
      this.#workOf(sandbox.pod.uid).sandbox = sandbox;
      this.#queue.add(sandbox.pod.uid);
    }
    const enqueue = (pod: Pod): void => {
      this.enqueue(pod.metadata?.uid ?? '');
      this.#options.onPodChanged(vmiUidOf(pod));
    };
    this.#removeHandler = this.#options.pods.addHandler({ onAdd: enqueue, onUpdate: enqueue, onDelete: enqueue });
    for (let i = 0; i < workers; i++) this.#workers.push(this.#loop());
  }

  async stop(): Promise<void> {
    this.#removeHandler();
    await this.#queue.stop();
    await Promise.all(this.#workers);
  }

  enqueue(podUid: string): void {
    if (podUid !== '') this.#queue.add(podUid);
  }

  /** The Pod of a VMI; one that is not being deleted comes first. */
  podOf(vmiUid: string): Pod | undefined {
    const pods = this.#options.pods.by('vmi', vmiUid);
    return pods.find((pod) => pod.metadata?.deletionTimestamp === undefined) ?? pods[0];
  }

  /** Only when its images are there too. */
  sandboxOf(podUid: string): PodSandbox | undefined {
    const work = this.#work.get(podUid);
    const present = work && [...work.images.values()].every((image) => image.state === 'present');
    return present ? work.sandbox : undefined;
  }

  async #loop(): Promise<void> {
    for (let uid = await this.#queue.take(); uid !== undefined; uid = await this.#queue.take()) {
      try {
        await this.#sync(uid);
        this.#queue.forget(uid);
      } catch (error) {
        if (isConflict(error)) this.#log.debug('will look at the Pod again', { uid });
        else this.#log.warn('a Pod could not be brought to what is wanted, will try again', { uid, error });
        this.#queue.addRateLimited(uid);
      } finally {
        this.#queue.done(uid);
      }
    }
  }

  #workOf(uid: string): Work {
    let work = this.#work.get(uid);
    if (!work) {
      work = { images: new Map(), backOff: new Map(), pulling: new Set() };
      this.#work.set(uid, work);
    }
    return work;
  }

  async #sync(uid: string): Promise<void> {
    const pod = this.#options.pods.by('uid', uid)[0];
    const vmi = pod && this.#options.vmis.by('uid', vmiUidOf(pod))[0];
    const hasSandbox = this.#work.get(uid)?.sandbox !== undefined;
    const steps = planPod({
      pod,
      isLauncher: pod !== undefined && isLauncher(pod),
      vmi,
      hasGuest: this.#options.hasGuest(uid),
      hasSandbox,
    });
    for (const step of steps) {
      switch (step.do) {
        case 'refuse':
          if (pod) await this.#refuse(uid, pod);
          break;
        case 'prepare':
          if (pod) await this.#prepare(uid, pod);
          break;
        case 'report':
          if (pod) await this.#report(uid, pod, step.ended);
          break;
        case 'removeSandbox':
          await this.#options.podNetwork.destroy(uid);
          delete this.#workOf(uid).sandbox;
          break;
        case 'finalize':
          if (pod) await this.#finalize(uid, pod);
          break;
      }
    }
    if (!pod && !this.#options.hasGuest(uid)) this.#work.delete(uid);
  }

  async #refuse(uid: string, pod: Pod): Promise<void> {
    const { nodeName, context } = this.#options;
    const message = `standalone nodes run only VM launcher Pods: node ${nodeName} has no container runtime for this one`;
    if (!this.#refused.has(uid)) {
      this.#refused.add(uid);
      this.#events.warning(pod, 'NoContainerRuntime', message);
    }
    const refused = { type: 'Ready', status: 'False', reason: 'NoContainerRuntime', message };
    const conditions = setCondition(pod.status?.conditions, refused, timestamp(context.clock.now()));
    if (conditions === pod.status?.conditions) return;
    await context.client(Pod).updateStatus({ ...pod, status: { ...pod.status, phase: 'Pending', conditions } });
  }

  async #prepare(uid: string, pod: Pod): Promise<void> {
    const work = this.#workOf(uid);
    for (const image of imagesOf(pod, this.#owner(pod))) this.#pull(uid, pod, image, work);
    if (!work.sandbox) {
      const { namespace = '', name = '' } = pod.metadata ?? {};
      try {
        work.sandbox = await this.#options.podNetwork.create({ uid, namespace, name });
        delete work.sandboxError;
      } catch (error) {
        work.sandboxError = errorText(error);
        this.#events.warning(pod, 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${work.sandboxError}`);
        await this.#report(uid, pod);
        throw error;
      }
    }
    // A moment for what is already here, so that one status is written instead of two.
    if (work.pulling.size > 0) await this.#pullsSettled(work, 500);
    if (!isReady(this.#facts(work))) return;
    this.#options.onSandboxReady(pod, work.sandbox);
    this.#options.onPodChanged(vmiUidOf(pod));
  }

  #owner(pod: Pod): VirtualMachineInstance | undefined {
    return this.#options.vmis.by('uid', vmiUidOf(pod))[0];
  }

  readonly #settled = new Map<Work, Set<() => void>>();

  #pullsSettled(work: Work, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#settled.get(work) ?? new Set();
      this.#settled.set(work, waiting);
      const done = (): void => {
        waiting.delete(done);
        cancel();
        resolve();
      };
      const cancel = this.#options.context.clock.after(withinMs, done);
      waiting.add(done);
    });
  }

  #pull(uid: string, pod: Pod, image: Image, work: Work): void {
    const state = work.images.get(image.reference);
    if (state?.state === 'present' || work.pulling.has(image.reference)) return;
    const backOff = work.backOff.get(image.reference);
    const now = this.#options.context.clock.now();
    if (backOff && backOff.retryAtMs > now) {
      this.#queue.addAfter(uid, backOff.retryAtMs - now);
      return;
    }
    if (!state) work.images.set(image.reference, { state: 'pulling' });
    work.pulling.add(image.reference);
    void this.#pullNow(pod, image)
      .then(
        (digest) => {
          work.images.set(image.reference, { state: 'present', digest });
          work.backOff.delete(image.reference);
        },
        (error: unknown) => this.#pullFailed(uid, pod, image, work, error),
      )
      .finally(() => {
        work.pulling.delete(image.reference);
        if (work.pulling.size === 0) for (const done of this.#settled.get(work) ?? []) done();
        this.#queue.add(uid);
      });
  }

  async #pullNow(pod: Pod, image: Image): Promise<string> {
    const namespace = pod.metadata?.namespace ?? '';
    const credentials = await this.#credentials(namespace, image, pod);
    const pulled = await this.#options.images.pull({
      image: image.reference,
      ...(image.policy && { policy: image.policy }),
      ...(credentials && { credentials }),
    });
    // Taking the disk out now keeps it off the guest's way; whether it can be used is the guest's matter, and is told there.
    await this.#options.images.disk(pulled, image.path).catch((error: unknown) => {
      if (!(error instanceof ImageError)) throw error;
    });
    return pulled.digest;
  }

  async #credentials(namespace: string, image: Image, pod: Pod): Promise<RegistryCredentials | undefined> {
    const names = [image.pullSecret, ...(pod.spec?.imagePullSecrets ?? []).map((secret) => secret.name)].filter(
      (name): name is string => Boolean(name),
    );
    for (const name of new Set(names)) {
      const secret = await this.#options.context.client(Secret).find({ namespace, name });
      if (!secret) continue;
      try {
        const found = credentialsFor(
          (secret.data as Record<string, string> | undefined) ?? {},
          parseReference(image.reference),
        );
        if (found) return found;
      } catch (error) {
        throw new ImageError('ErrImagePull', `pull secret ${name}: ${errorText(error)}`);
      }
    }
    return undefined;
  }

  #pullFailed(uid: string, pod: Pod, image: Image, work: Work, error: unknown): void {
    const { clock } = this.#options.context;
    const failures = (work.backOff.get(image.reference)?.failures ?? 0) + 1;
    const delayMs = Math.min(pullBackOffMs.longest, pullBackOffMs.first * 2 ** (failures - 1));
    work.backOff.set(image.reference, { failures, retryAtMs: clock.now() + delayMs });
    const reason = error instanceof ImageError ? error.reason : 'ErrImagePull';
    const message = errorText(error);
    this.#events.warning(pod, 'Failed', `Failed to pull image "${image.reference}": ${message}`);
    // kubelet shows the error of the first attempt under its own name and the waiting for the next under another.
    const waiting = reason === 'ErrImagePull' && failures > 1 ? 'ImagePullBackOff' : reason;
    work.images.set(image.reference, {
      state: 'failed',
      reason: waiting,
      message: waiting === 'ImagePullBackOff' ? `Back-off pulling image "${image.reference}": ${message}` : message,
    });
    this.#queue.addAfter(uid, delayMs);
  }

  #facts(work: Work, ended?: PodFacts['ended']): PodFacts {
    return {
      nodeIp: this.#options.nodeIp,
      ...(work.sandbox && { podIps: work.sandbox.ips }),
      ...(work.sandboxError && { sandboxError: work.sandboxError }),
      images: work.images,
      ...(ended && { ended }),
      nowMs: this.#options.context.clock.now(),
    };
  }

  async #report(uid: string, pod: Pod, ended?: PodFacts['ended']): Promise<void> {
    const status = renderPodStatus(pod, this.#facts(this.#workOf(uid), ended));
    if (semanticallyEqual(status, pod.status)) return;
    await this.#options.context.client(Pod).updateStatus({ ...pod, status });
  }

  async #finalize(uid: string, pod: Pod): Promise<void> {
    const { namespace = '', name = '' } = pod.metadata ?? {};
    try {
      await this.#options.context.client(Pod).delete({ namespace, name }, { uid, gracePeriodSeconds: 0 });
    } catch (error) {
      // Gone already, or another Pod of that name: this one is no more either way.
      if (!isStatusError(error, 'NotFound') && !isConflict(error)) throw error;
    }
    this.#refused.delete(uid);
  }
}

/** Images of the Pod's container disks: what the VMI says of them where it is known, else what the containers say. */
function imagesOf(pod: Pod, vmi: VirtualMachineInstance | undefined): Image[] {
  const secretOf = (reference: string): KubevirtVolume['containerDisk'] =>
    vmi?.spec.volumes?.find((volume) => volume.containerDisk?.image === reference)?.containerDisk;
  const images = new Map<string, Image>();
  for (const container of pod.spec?.containers ?? []) {
    const reference = container.image ?? '';
    // `compute` is QEMU itself and has no image here; all others hold container disks or a kernel.
    if (container.name === 'compute' || images.has(reference)) continue;
    const source = secretOf(reference);
    images.set(reference, {
      reference,
      ...(container.imagePullPolicy && { policy: container.imagePullPolicy as PullPolicy }),
      ...(source?.imagePullSecret && { pullSecret: source.imagePullSecret }),
      ...(source?.path && { path: source.path }),
    });
  }
  return [...images.values()];
}
