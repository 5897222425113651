import type { Clock, Features, HypervFeatures, Timer } from '@virtplane/libvirt';
import type { DomainSpec, Clock as KubevirtClock } from '@virtplane/resources';

interface State {
  enabled?: boolean;
}

/** A feature that is present without `enabled` is on. */
const isOn = (state: State | undefined): boolean => state !== undefined && state.enabled !== false;
const onIfGiven = (state: State | undefined): boolean | undefined => (state ? isOn(state) : undefined);

/** ACPI is on unless it is switched off. */
export function acpiEnabled(domain: DomainSpec): boolean {
  return domain.features?.acpi?.enabled !== false;
}

/** `efi: {}` means Secure Boot. @returns undefined for a BIOS guest. */
export function efiSecureBoot(domain: DomainSpec): boolean | undefined {
  const efi = domain.firmware?.bootloader?.efi;
  return efi ? efi.secureBoot !== false : undefined;
}

export function describeFeatures(domain: DomainSpec): Features {
  const { apic, smm, pvspinlock, kvm, hyperv } = domain.features ?? {};
  const features: Features = { acpi: acpiEnabled(domain) };
  if (apic)
    features.apic = { state: isOn(apic), ...(apic.endOfInterrupt !== undefined && { eoi: apic.endOfInterrupt }) };
  if (smm) features.smm = isOn(smm);
  if (pvspinlock) features.pvspinlock = isOn(pvspinlock);
  if (kvm?.hidden !== undefined) features.kvmHidden = kvm.hidden;
  if (domain.cpu?.dedicatedCpuPlacement) features.kvmHintDedicated = true;
  if (domain.cpu?.realtime) features.pmu = false;
  if (hyperv) features.hyperv = describeHyperv(hyperv);
  return features;
}

function describeHyperv(hyperv: NonNullable<NonNullable<DomainSpec['features']>['hyperv']>): HypervFeatures {
  const { spinlocks, synictimer, vendorid } = hyperv;
  const toggles = {
    relaxed: onIfGiven(hyperv.relaxed),
    vapic: onIfGiven(hyperv.vapic),
    vpindex: onIfGiven(hyperv.vpindex),
    runtime: onIfGiven(hyperv.runtime),
    synic: onIfGiven(hyperv.synic),
    reset: onIfGiven(hyperv.reset),
    frequencies: onIfGiven(hyperv.frequencies),
    reenlightenment: onIfGiven(hyperv.reenlightenment),
    tlbflush: onIfGiven(hyperv.tlbflush),
    ipi: onIfGiven(hyperv.ipi),
    evmcs: onIfGiven(hyperv.evmcs),
  };
  const given = Object.entries(toggles).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(given) as HypervFeatures),
    ...(spinlocks && { spinlocks: { state: isOn(spinlocks), retries: spinlocks.spinlocks ?? 4096 } }),
    ...(synictimer && {
      stimer: { state: isOn(synictimer), ...(synictimer.direct && { direct: isOn(synictimer.direct) }) },
    }),
    ...(vendorid && {
      vendorId: { state: isOn(vendorid), ...(vendorid.vendorid !== undefined && { value: vendorid.vendorid }) },
    }),
  };
}

/** @returns undefined when the VMI says nothing about its clock. */
export function describeClock(clock: KubevirtClock | undefined): Clock | undefined {
  if (!clock) return undefined;
  const timers = describeTimers(clock);
  const rest = timers.length > 0 ? { timers } : {};
  if (clock.timezone) return { offset: 'timezone', timezone: clock.timezone, ...rest };
  return { offset: 'utc', adjustment: clock.utc?.offsetSeconds ?? 'reset', ...rest };
}

function describeTimers({ timer }: KubevirtClock): Timer[] {
  if (!timer) return [];
  const timers: Timer[] = [];
  const add = (name: Timer['name'], given: { present?: boolean; tickPolicy?: string; track?: string } | undefined) => {
    if (!given) return;
    timers.push({
      name,
      present: given.present !== false,
      ...(given.tickPolicy && { tickPolicy: given.tickPolicy }),
      ...(given.track && { track: given.track }),
    });
  };
  add('rtc', timer.rtc);
  add('pit', timer.pit);
  add('kvmclock', timer.kvm);
  add('hpet', timer.hpet);
  add('hypervclock', timer.hyperv);
  return timers;
}
