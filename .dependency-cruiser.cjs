/** Imports point down: resources and libvirt, then runtime, then the components (siblings), then the command. */
const component = 'apiserver|scheduler|virt-api|virt-controller|cluster-services|node|virtctl';
const own = (names) => `^packages/(${names})/src`;

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'lowest-floor',
      comment: 'resources and libvirt stand on nothing of ours',
      severity: 'error',
      from: { path: own('resources|libvirt') },
      to: { path: own(`runtime|${component}|virtplane`) },
    },
    {
      name: 'runtime-floor',
      severity: 'error',
      from: { path: own('runtime') },
      to: { path: own(`libvirt|${component}|virtplane`) },
    },
    {
      name: 'siblings',
      comment: 'components know API objects, never each other',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src', pathNot: own('virtplane|runtime|resources|libvirt') },
      to: { path: own(component), pathNot: '^packages/$1/src' },
    },
    { name: 'top', severity: 'error', from: { pathNot: own('virtplane') }, to: { path: own('virtplane') } },
    {
      name: 'tests-stay-tests',
      severity: 'error',
      from: { pathNot: '(\\.test\\.ts$|/testing/)' },
      to: { path: '(\\.test\\.ts$|/testing/)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
