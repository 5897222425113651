import type { Explanation } from './explanation.ts';

/** For people: the verdict first, then what stands behind it. */
export function explanationText(e: Explanation): string {
  const lines = [e.verdict];
  if (e.remedy) lines.push(`  → ${e.remedy}`);
  if (e.nodes.length > 0) {
    const width = Math.max(4, ...e.nodes.map((n) => n.node.length));
    lines.push('', `${'NODE'.padEnd(width)}  WHY NOT`);
    for (const { node, fits, reasons } of e.nodes) {
      lines.push(`${node.padEnd(width)}  ${fits ? '(fits now; the scheduler will try again)' : reasons.join('; ')}`);
    }
  }
  const charge = Object.entries(e.charge);
  if (charge.length > 0) {
    lines.push('', 'Charged against quotas:', ...charge.map(([resource, value]) => `  ${resource} = ${value}`));
  }
  if (e.migration) lines.push('', e.migration);
  if (e.lastWarnings.length > 0) lines.push('', 'Last warnings:', ...e.lastWarnings.map((w) => `  ${w}`));
  return lines.join('\n');
}
