import type {
  Clock,
  Cpu,
  CpuTune,
  DomainDescription,
  Features,
  HypervFeatures,
  MemoryBacking,
  OperatingSystem,
  Sysinfo,
} from './description.ts';
import { devicesElement } from './devices.ts';
import { element, renderXml, textElement, type XmlElement } from './xml.ts';

/**
 * The domain's XML, canonical: equal descriptions give equal text.
 * @throws XmlValueError when a string holds a character that XML cannot represent.
 */
export function renderDomain(domain: DomainDescription): string {
  const args = domain.qemuArguments ?? [];
  return renderXml(
    element(
      'domain',
      {
        type: domain.type,
        'xmlns:qemu': args.length > 0 ? 'http://libvirt.org/schemas/domain/qemu/1.0' : undefined,
      },
      textElement('name', domain.name),
      textElement('uuid', domain.uuid),
      domain.metadata && domain.metadata.length > 0 && element('metadata', {}, ...domain.metadata),
      element('memory', { unit: 'b' }, String(domain.memoryBytes)),
      domain.memoryBacking && memoryBackingElement(domain.memoryBacking),
      element('vcpu', { placement: 'static' }, String(domain.vcpus)),
      textElement('iothreads', domain.ioThreads),
      domain.cpuTune && cpuTuneElement(domain.cpuTune),
      domain.sysinfo && sysinfoElement(domain.sysinfo),
      osElement(domain.os),
      featuresElement(domain.features),
      cpuElement(domain.cpu),
      domain.clock && clockElement(domain.clock),
      textElement('on_poweroff', domain.onPoweroff),
      textElement('on_reboot', domain.onReboot),
      textElement('on_crash', domain.onCrash),
      devicesElement(domain.devices),
      args.length > 0 && element('qemu:commandline', {}, ...args.map((value) => element('qemu:arg', { value }))),
    ),
  );
}

function memoryBackingElement(backing: MemoryBacking): XmlElement {
  return element(
    'memoryBacking',
    {},
    backing.hugepageBytes !== undefined &&
      element('hugepages', {}, element('page', { size: backing.hugepageBytes, unit: 'b' })),
    backing.locked && element('locked'),
    backing.source && element('source', { type: backing.source }),
    backing.shared && element('access', { mode: 'shared' }),
    backing.immediateAllocation && element('allocation', { mode: 'immediate' }),
  );
}

function cpuTuneElement({ vcpuPins = [], emulatorPin, ioThreadPins = [] }: CpuTune): XmlElement {
  return element(
    'cputune',
    {},
    ...vcpuPins.map((cpuset, vcpu) => element('vcpupin', { vcpu, cpuset })),
    emulatorPin !== undefined && element('emulatorpin', { cpuset: emulatorPin }),
    ...ioThreadPins.map((cpuset, i) => element('iothreadpin', { iothread: i + 1, cpuset })),
  );
}

function sysinfoElement({ system = {}, chassis = {} }: Sysinfo): XmlElement {
  const entries = (fields: Readonly<Record<string, string | undefined>>) =>
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => element('entry', { name }, value));
  const systemEntries = entries(system);
  const chassisEntries = entries(chassis);
  return element(
    'sysinfo',
    { type: 'smbios' },
    systemEntries.length > 0 && element('system', {}, ...systemEntries),
    chassisEntries.length > 0 && element('chassis', {}, ...chassisEntries),
  );
}

function osElement(os: OperatingSystem): XmlElement {
  return element(
    'os',
    {},
    element('type', { arch: os.arch, machine: os.machine }, 'hvm'),
    os.loader &&
      element('loader', { readonly: 'yes', secure: os.loader.secure ? 'yes' : 'no', type: 'pflash' }, os.loader.path),
    os.nvram && element('nvram', { template: os.nvram.template }, os.nvram.path),
    textElement('kernel', os.kernel),
    textElement('initrd', os.initrd),
    textElement('cmdline', os.commandLine),
    os.biosUseSerial && element('bios', { useserial: 'yes' }),
    os.smbiosFromSysinfo && element('smbios', { mode: 'sysinfo' }),
  );
}

const state = (on: boolean) => (on ? 'on' : 'off');

function featuresElement(features: Features): XmlElement {
  const toggle = (name: string, on: boolean | undefined) => on !== undefined && element(name, { state: state(on) });
  return element(
    'features',
    {},
    features.acpi && element('acpi'),
    features.apic?.state &&
      element('apic', { eoi: features.apic.eoi === undefined ? undefined : state(features.apic.eoi) }),
    features.hyperv && hypervElement(features.hyperv),
    (features.kvmHidden !== undefined || features.kvmHintDedicated !== undefined) &&
      element('kvm', {}, toggle('hidden', features.kvmHidden), toggle('hint-dedicated', features.kvmHintDedicated)),
    toggle('pvspinlock', features.pvspinlock),
    toggle('pmu', features.pmu),
    toggle('smm', features.smm),
  );
}

function hypervElement(hyperv: HypervFeatures): XmlElement {
  const toggle = (name: string, on: boolean | undefined) => on !== undefined && element(name, { state: state(on) });
  const { spinlocks, stimer, vendorId } = hyperv;
  return element(
    'hyperv',
    {},
    toggle('relaxed', hyperv.relaxed),
    toggle('vapic', hyperv.vapic),
    spinlocks &&
      element('spinlocks', { state: state(spinlocks.state), retries: spinlocks.state ? spinlocks.retries : undefined }),
    toggle('vpindex', hyperv.vpindex),
    toggle('runtime', hyperv.runtime),
    toggle('synic', hyperv.synic),
    stimer &&
      element(
        'stimer',
        { state: state(stimer.state) },
        stimer.direct !== undefined && element('direct', { state: state(stimer.direct) }),
      ),
    toggle('reset', hyperv.reset),
    vendorId &&
      element('vendor_id', { state: state(vendorId.state), value: vendorId.state ? vendorId.value : undefined }),
    toggle('frequencies', hyperv.frequencies),
    toggle('reenlightenment', hyperv.reenlightenment),
    toggle('tlbflush', hyperv.tlbflush),
    toggle('ipi', hyperv.ipi),
    toggle('evmcs', hyperv.evmcs),
  );
}

/** `check='partial'` makes libvirt verify required and forbidden features, which QEMU under TCG would silently drop. */
function cpuElement(cpu: Cpu): XmlElement {
  const { mode, model, features = [], topology, numaCells = [] } = cpu;
  const checked = mode === 'custom' || mode === 'host-model';
  return element(
    'cpu',
    { mode, match: mode === 'custom' ? 'exact' : undefined, check: checked ? 'partial' : undefined },
    mode === 'custom' && model !== undefined && element('model', { fallback: 'forbid' }, model),
    topology && element('topology', { sockets: topology.sockets, cores: topology.cores, threads: topology.threads }),
    ...features.map(({ name, policy }) => element('feature', { policy, name })),
    numaCells.length > 0 &&
      element(
        'numa',
        {},
        ...numaCells.map(({ cpus, memoryBytes, shared }, id) =>
          element('cell', { id, cpus, memory: memoryBytes, unit: 'b', memAccess: shared ? 'shared' : undefined }),
        ),
      ),
  );
}

function clockElement({ offset, timezone, adjustment, timers = [] }: Clock): XmlElement {
  return element(
    'clock',
    { offset, timezone, adjustment },
    ...timers.map(({ name, present, tickPolicy, track, frequencyHz }) =>
      element('timer', {
        name,
        present: present === undefined ? undefined : present ? 'yes' : 'no',
        tickpolicy: tickPolicy,
        track,
        frequency: frequencyHz,
      }),
    ),
  );
}
