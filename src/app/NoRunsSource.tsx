import { locationUtil, OrgRole } from '@grafana/data';
import { config, PluginPage } from '@grafana/runtime';
import { EmptyState, LinkButton } from '@grafana/ui';
import { APP_ID, DATASOURCE_ID } from '../../shared/grafana.ts';

/** Shown on every page until there is a data source to read. */
export function NoRunsSource() {
  const user = config.bootData.user;
  const isAdmin = user.orgRole === OrgRole.Admin || user.isGrafanaAdmin;
  return (
    <PluginPage>
      <EmptyState
        variant="call-to-action"
        message="No Runbeat data source yet"
        button={isAdmin ? <AddButtons /> : undefined}
      >
        The app reads runs from the Runbeat exporter through a data source of type “Runbeat runs”.{' '}
        {isAdmin
          ? 'Add one with the exporter’s URL, then come back.'
          : 'Ask an administrator of this Grafana to add one.'}
      </EmptyState>
    </PluginPage>
  );
}

function AddButtons() {
  return (
    <>
      <LinkButton icon="plus" href={locationUtil.assureBaseUrl(`/connections/datasources/${DATASOURCE_ID}`)}>
        Add the data source
      </LinkButton>{' '}
      <LinkButton variant="secondary" href={locationUtil.assureBaseUrl(`/plugins/${APP_ID}`)}>
        First steps
      </LinkButton>
    </>
  );
}
