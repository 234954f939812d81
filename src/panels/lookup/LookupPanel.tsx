import { css } from '@emotion/css';
import type { DataFrame, GrafanaTheme2, PanelProps } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { useStyles2 } from '@grafana/ui';
import { useMemo } from 'react';
import { DataTable } from '../../components/DataTable.tsx';
import { customOf } from '../../data/frameFields.ts';
import { lookupColumns } from '../../lookup/lookupColumns.tsx';
import { MissingIds } from '../../lookup/MissingIds.tsx';
import { idsOfVariable } from '../../lookup/parseIds.ts';
import { isLookupFrame, rowKey, rowsOfFrames } from '../../lookup/row.ts';
import { PanelNotice, unanswered } from '../PanelNotice.tsx';
import { IdField } from './IdField.tsx';
import type { LookupPanelOptions } from './options.ts';

/** Looks up runs by id on a dashboard: the field sets a variable, and the query reads it. */
export function LookupPanel({
  data,
  options,
  timeZone,
  replaceVariables,
  width,
  height,
}: PanelProps<LookupPanelOptions>) {
  const styles = useStyles2(getStyles);
  const reference = `\${${options.variable}}`;
  const filled = replaceVariables(reference, undefined, idsOfVariable);
  // Grafana leaves a reference as it is if neither the dashboard nor the panel's row or tab has the variable.
  const known = filled !== reference;
  const value = known ? filled : '';
  return (
    <div className={styles.panel} style={{ width, height }}>
      {options.showField && (
        <IdField
          key={value}
          label={options.label}
          value={value}
          onAsk={(ids) => locationService.partial({ [`var-${options.variable}`]: ids }, true)}
        />
      )}
      <Results
        data={data}
        options={options}
        timeZone={timeZone}
        asked={value !== '' || !options.showField}
        known={known}
      />
    </div>
  );
}

type ResultsProps = Pick<PanelProps<LookupPanelOptions>, 'data' | 'options' | 'timeZone'> & {
  asked: boolean;
  /** Whether the dashboard has the variable. */
  known: boolean;
};

function Results({ data, options, timeZone, asked, known }: ResultsProps) {
  const rows = useMemo(() => rowsOfFrames(data.series), [data.series]);
  if (rows.length === 0) return <NoRows data={data} options={options} asked={asked} known={known} />;
  const columns = lookupColumns({
    timeZone,
    showValue: new Set(rows.map((row) => row.value)).size > 1,
    showSource: new Set(rows.map((row) => row.source)).size > 1,
    showStandsAt: options.showStandsAt && rows.some((row) => row.standsAt !== null),
  });
  return (
    <>
      <MissingIds ids={missingOf(data.series)} />
      <DataTable
        label="Runs found"
        columns={columns}
        rows={rows}
        rowKey={rowKey}
        initialSort={{ id: 'logical_date', descending: true }}
        pageSize={options.pageSize}
      />
    </>
  );
}

function missingOf(frames: readonly DataFrame[]): string[] {
  return frames.flatMap((frame) => customOf(frame).missing ?? []);
}

function NoRows({ data, options, asked, known }: Omit<ResultsProps, 'timeZone'>) {
  if (options.showField && !known && !asked) {
    return (
      <PanelNotice icon="info-circle" title={`This dashboard has no variable “${options.variable}”`}>
        Add a text box variable of that name, and use ${options.variable} as the ids of a Lookup query.
      </PanelNotice>
    );
  }
  if (!asked)
    return (
      <PanelNotice icon="search" title="Which run is it?">
        Type an id, or paste a column of them.
      </PanelNotice>
    );
  const waits = unanswered(data);
  if (waits) return waits;
  if (data.series.length > 0 && !data.series.some(isLookupFrame)) {
    return (
      <PanelNotice icon="bars" title="This data has no runs">
        Choose the query type <strong>Lookup</strong> or <strong>Runs</strong> of the Runbeat data source. Any other
        data works that has the fields dag_id and run_id.
      </PanelNotice>
    );
  }
  return (
    <PanelNotice icon="info-circle" title={notFound(missingOf(data.series))}>
      No run carries {missingOf(data.series).length > 1 ? 'these ids' : 'this id'}. It is found within seconds of its
      creation; check the id and the query’s key.
    </PanelNotice>
  );
}

const NAMED = 10;

function notFound(ids: readonly string[]): string {
  if (ids.length === 0) return 'No run found';
  const more = ids.length - NAMED;
  return `No run found for ${ids.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more.toLocaleString('en')} more` : ''}`;
}

const getStyles = (theme: GrafanaTheme2) => ({
  panel: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1), overflow: 'auto' }),
});
