import type { NavModelItem } from '@grafana/data';
import type { PluginPageProps } from '@grafana/runtime';
import { Stack, Text } from '@grafana/ui';
import { useLocation } from 'react-router';
import { boot } from './boot.ts';

/** The parts of Grafana's page frame that plugins use: breadcrumbs, heading, subtitle, actions. */
export function PreviewPluginPage({ pageNav, renderTitle, subTitle, actions, children }: PluginPageProps) {
  const { pathname } = useLocation();
  const title = pageNav?.text ?? pageName(pathname);
  return (
    <Stack direction="column" gap={2}>
      <Breadcrumbs page={pageNav} own={pageName(pathname)} />
      <Stack direction="row" justifyContent="space-between" alignItems="flex-start" wrap="wrap" gap={1}>
        <div>
          {renderTitle ? renderTitle(title) : <Text element="h1">{title}</Text>}
          {subTitle && <Text color="secondary">{subTitle}</Text>}
        </div>
        {actions}
      </Stack>
      <div>{children}</div>
    </Stack>
  );
}

function pageName(pathname: string): string {
  const pages = boot.plugins.flatMap((plugin) => plugin.json.includes ?? []);
  return pages.find((page) => page.path?.endsWith(pathname.split('/').pop() || '\n'))?.name ?? 'Runbeat';
}

/** Grafana cuts long crumbs off. */
const CRUMB = {
  display: 'inline-block',
  maxWidth: '40vw',
  overflow: 'hidden',
  textOverflow: 'ellipsis',
  verticalAlign: 'bottom',
  whiteSpace: 'nowrap',
} as const;

function Breadcrumbs({ page, own }: { page: NavModelItem | undefined; own: string }) {
  const trail: { text: string; url?: string }[] = [];
  for (let item = page; item; item = item.parentItem) trail.unshift(item);
  const crumbs = trail.length > 1 ? trail : [{ text: own }];
  return (
    <nav aria-label="Breadcrumbs">
      <Text color="secondary" variant="bodySmall">
        Runbeat
        {crumbs.map(({ text, url }) => (
          <span key={text}>
            {' › '}
            <span style={CRUMB}>{url ? <a href={url}>{text}</a> : text}</span>
          </span>
        ))}
      </Text>
    </nav>
  );
}
