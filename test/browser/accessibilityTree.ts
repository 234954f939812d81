import type { Page } from 'playwright-core';

/** A node of Chromium's accessibility tree, which screen readers use. */
interface AxNode {
  nodeId: string;
  ignored: boolean;
  role?: { value: string };
  name?: { value: string };
  properties?: { name: string; value: { value?: unknown } }[];
  childIds?: string[];
}

/** What a person operates, or would otherwise have to see. */
const NAMED = new Set([
  ...['button', 'link', 'textbox', 'searchbox', 'combobox', 'checkbox', 'radio', 'switch', 'slider', 'spinbutton'],
  ...['tab', 'menuitem', 'option', 'image', 'img', 'region', 'treegrid'],
]);
const TABLES = new Set(['table', 'grid']);

/** Problems for screen readers: controls and images without names, skipped heading levels, tables without headers. */
export async function readingProblems(page: Page): Promise<string[]> {
  const cdp = await page.context().newCDPSession(page);
  const { nodes } = (await cdp.send('Accessibility.getFullAXTree')) as unknown as { nodes: AxNode[] };
  await cdp.detach();
  return problemsOf(nodes);
}

function problemsOf(all: readonly AxNode[]): string[] {
  const byId = new Map(all.map((node) => [node.nodeId, node]));
  const nodes = all.filter(({ ignored }) => !ignored);
  const nameless = nodes
    .filter((node) => NAMED.has(roleOf(node)) && nameOf(node) === '')
    .map((node) => `${roleOf(node)} without a name`);
  const levels = nodes
    .filter((node) => roleOf(node) === 'heading')
    .map((node) => [levelOf(node), nameOf(node)] as const);
  const skipped = levels
    .filter(([level], at) => level > (levels[at - 1]?.[0] ?? 0) + 1)
    .map(([level, name]) => `heading "${name}" skips to level ${level}`);
  const titles = levels.filter(([level]) => level === 1).length;
  const headless = nodes
    .filter((node) => TABLES.has(roleOf(node)) && !within(node, byId).some((inner) => roleOf(inner) === 'columnheader'))
    .map((node) => `table "${nameOf(node)}" without headers`);
  return [...nameless, ...skipped, ...(titles === 1 ? [] : [`${titles} headings of level 1`]), ...headless];
}

function within(node: AxNode, byId: ReadonlyMap<string, AxNode>): AxNode[] {
  const children = (node.childIds ?? []).flatMap((id) => byId.get(id) ?? []);
  return [...children, ...children.flatMap((child) => within(child, byId))];
}

function roleOf({ role }: AxNode): string {
  return role?.value ?? '';
}

function nameOf({ name }: AxNode): string {
  return (name?.value ?? '').trim();
}

function levelOf({ properties = [] }: AxNode): number {
  return Number(properties.find(({ name }) => name === 'level')?.value.value ?? 0);
}
