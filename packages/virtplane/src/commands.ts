import { type Command, connectionFlags, verbs, versionCommand } from '@virtplane/virtctl/command-line';
import { dataFlag } from './data-directory.ts';
import { onThisMachine } from './this-machine.ts';

const output = { type: 'string', short: 'o', description: 'output form: json', placeholder: 'FORM' } as const;

/** Every command; code is loaded only for the one that runs. */
export const commands: readonly Command[] = [
  {
    name: 'up',
    summary: 'Start the API server and the node agent; guests that run already are found again.',
    flags: {
      data: dataFlag,
      port: { type: 'integer', description: 'port of the API server (0: any free one)', default: 6443 },
      bind: { type: 'string', description: 'address the API server listens on', default: '127.0.0.1' },
      accelerator: { type: 'string', description: 'auto, kvm or tcg', default: 'auto' },
      detach: { type: 'boolean', description: 'return as soon as everything is ready' },
      example: { type: 'boolean', description: 'start the example guest and show its first lines' },
    },
    load: async () => (await import('./up/up.ts')).up,
  },
  {
    name: 'down',
    summary: 'Stop everything that `up` started, guests too (gracefully).',
    flags: {
      data: dataFlag,
      wipe: { type: 'boolean', description: 'remove the data as well' },
      'grace-period': {
        type: 'integer',
        description: 'seconds guests get to shut down',
        default: 30,
        placeholder: 'SECONDS',
      },
    },
    load: async () => (await import('./up/down.ts')).down,
  },
  {
    name: 'status',
    summary: 'What runs, and since when.',
    flags: { data: dataFlag, output },
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'doctor',
    summary: 'What this machine can and cannot do, and what to do about it.',
    flags: { data: dataFlag, json: { type: 'boolean', description: 'one JSON document' } },
    load: async () => (await import('./doctor/doctor.ts')).doctor,
  },
  {
    name: 'explain',
    summary: 'Why something does not run.',
    commands: [
      {
        name: 'vm',
        usage: '(NAME)',
        summary: 'Why a virtual machine does not run, node by node, and what it costs.',
        flags: { ...connectionFlags, data: dataFlag, output },
        minArgs: 1,
        load: async () => (await import('./explain/explain-vm.ts')).explainVm,
      },
    ],
  },
  {
    name: 'vm',
    summary: "virtctl's verbs: start, stop, console …",
    commands: verbs.map((verb) => onThisMachine(verb, connectionFlags)),
  },
  {
    name: 'image',
    summary: "Container disk images on this machine's node.",
    commands: [
      {
        name: 'add',
        usage: '(OCI-LAYOUT) localhost/NAME:TAG',
        summary: 'Take an OCI layout on disk into the image store under a local name.',
        flags: { data: dataFlag },
        minArgs: 2,
        load: async () => (await import('./node/image.ts')).imageAdd,
      },
    ],
  },
  {
    name: 'server',
    summary: 'Run the API server with controllers and scheduler, in the foreground.',
    flags: {
      data: dataFlag,
      port: { type: 'integer', description: 'port (0: any free one)', default: 6443 },
      bind: { type: 'string', description: 'address', default: '127.0.0.1' },
      'without-controllers': {
        type: 'boolean',
        description: 'only the API server; run `virtplane controllers` somewhere else',
      },
    },
    load: async () => (await import('./server/server.ts')).server,
  },
  {
    name: 'controllers',
    summary: 'Run controllers and scheduler against any Kubernetes API, in the foreground.',
    flags: {
      ...connectionFlags,
      'on-kubernetes': {
        type: 'boolean',
        description: 'the cluster schedules Pods and collects garbage itself: run only the controllers of kubevirt.io',
      },
    },
    load: async () => (await import('./server/controllers.ts')).controllers,
  },
  {
    name: 'node',
    summary: 'The node agent.',
    commands: [
      {
        name: 'run',
        summary: 'Run the node agent in the foreground.',
        flags: {
          data: dataFlag,
          kubeconfig: { type: 'string', description: "the node's kubeconfig", placeholder: 'FILE' },
          accelerator: { type: 'string', description: 'auto, kvm or tcg', default: 'auto' },
        },
        load: async () => (await import('./node/run.ts')).nodeRun,
      },
    ],
  },
  onThisMachine(versionCommand, connectionFlags),
];
