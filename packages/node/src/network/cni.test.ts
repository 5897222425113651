import { describe, expect, test } from 'vitest';
import { type CommandScript, FixtureHost } from '../host/index.ts';
import { Cni, CniError, type CniNetwork, parseCniConfig } from './cni.ts';

const network: CniNetwork = {
  cniVersion: '0.4.0',
  name: 'net',
  plugins: [
    { type: 'cnv-bridge', bridge: 'br1', ipam: {} },
    { type: 'tuning', capabilities: { mac: true } },
  ],
};
const attachment = {
  containerId: 'c1',
  netns: '/run/netns/n',
  interfaceName: 'net1',
  args: { IgnoreUnknown: 'true', K8S_POD_NAME: 'p;CNI=x' },
  runtimeConfig: { mac: '02:00:00:00:00:01', other: 1 },
};

function machine(script: CommandScript): FixtureHost {
  return new FixtureHost({ files: { '/cni/bridge': '', '/cni/tuning': '' }, script });
}

const result = {
  cniVersion: '0.4.0',
  ips: [{ address: '10.1.0.2/24', gateway: '10.1.0.1' }],
  interfaces: [{ name: 'net1' }],
};
const succeeds: CommandScript = () => ({ stdout: JSON.stringify(result) });

test('ADD hands on results and capabilities; OpenShift names find the plugins', async () => {
  const host = machine(succeeds);
  const added = await new Cni(host, ['/cni']).add(network, attachment);
  expect(added.ips).toEqual([{ address: '10.1.0.2/24', gateway: '10.1.0.1' }]);
  const [bridge, tuning] = host.commands.map(({ file, input }) => ({ file, input: JSON.parse(input!) }));
  expect(bridge).toEqual({
    file: '/cni/bridge',
    input: { cniVersion: '0.4.0', name: 'net', type: 'bridge', bridge: 'br1', ipam: {} },
  });
  expect(tuning!.input).toEqual({
    cniVersion: '0.4.0',
    name: 'net',
    type: 'tuning',
    runtimeConfig: { mac: '02:00:00:00:00:01' },
    prevResult: result,
  });
});

test('DEL runs in reverse, goes on after a failure and reports it', async () => {
  const host = machine(({ file }) => (file === '/cni/tuning' ? { code: 1, stdout: '{"code":100,"msg":"no"}' } : {}));
  await expect(new Cni(host, ['/cni']).del(network, attachment)).rejects.toThrow('CNI plugin tuning failed DEL: no');
  expect(host.commands.map(({ file }) => file)).toEqual(['/cni/tuning', '/cni/bridge']);
});

describe('failures', () => {
  test.each([
    ['{"code":11,"msg":"busy","details":"later"}', '', 11, 'busy: later (temporarily impossible, try again later)'],
    ['', 'panic: oops\n', 0, 'panic: oops'],
    ['', '', 0, 'no message'],
  ])('stdout %j, stderr %j', async (stdout, stderr, code, text) => {
    const adding = new Cni(
      machine(() => ({ code: 1, stdout, stderr })),
      ['/cni'],
    ).add(network, attachment);
    await expect(adding).rejects.toMatchObject({ code, message: `CNI plugin cnv-bridge failed ADD: ${text}` });
  });

  test('an unknown plugin is named with the path', async () => {
    await expect(new Cni(machine(succeeds), ['/a', '/b']).add(network, attachment)).rejects.toThrow(
      'failed to find plugin "cnv-bridge" in path [/a /b]',
    );
  });
});

describe('configurations', () => {
  test('a single plugin is a list of one', () => {
    expect(parseCniConfig('{"type":"bridge","bridge":"br1"}', 'nad')).toEqual({
      cniVersion: '0.4.0',
      name: 'nad',
      plugins: [{ type: 'bridge', bridge: 'br1' }],
    });
  });

  test.each(['', '[]', '{"plugins":[]}', '{"plugins":[{}]}', '{"type":"../../bin/sh"}', '{"type":5}'])(
    '%s is refused',
    (text) => {
      expect(() => parseCniConfig(text, 'nad')).toThrow(CniError);
    },
  );
});
