import { PluginExtensionPoints } from '@grafana/data';
import { Menu } from '@grafana/ui';
import { useExtensionLinks } from './links.ts';

/** The menu of a panel, with the links of extensions in the same submenu as in Grafana. */
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

/** Grafana's extension menus show 25 characters of a title. */
function shortened(title: string): string {
  return title.length < 25 ? title : `${title.slice(0, 22).trimEnd()}...`;
}
