import { PluginExtensionPoints } from '@grafana/data';
import { Menu } from '@grafana/ui';
import { useExtensionLinks } from './links.ts';

/** A panel's menu, with what extensions add to it in the submenu where Grafana puts them. */
export function PanelMenu({ context }: { context: object }) {
  const links = useExtensionLinks(PluginExtensionPoints.DashboardPanelMenu, context);
  const items = links.map(({ title, icon, path, onClick }) => (
    <Menu.Item key={title} label={shortened(title)} icon={icon} url={path} onClick={onClick} />
  ));
  return (
    <Menu>
      {items.length > 0 ? (
        <Menu.Item label="Extensions" icon="plug" childItems={items} />
      ) : (
        <Menu.Item label="No extensions" disabled />
      )}
    </Menu>
  );
}

/** Grafana's menus of extensions show 25 characters. */
function shortened(title: string): string {
  return title.length < 25 ? title : `${title.slice(0, 22).trimEnd()}...`;
}
