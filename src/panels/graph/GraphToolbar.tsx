import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Icon, IconButton, Input, Tooltip, useStyles2 } from '@grafana/ui';
import type { ReactElement } from 'react';
import type { Folding } from './useFolding.ts';
import type { Orientation } from './layout/types.ts';

interface Props {
  text: string;
  onText: (text: string) => void;
  /** Matches; null without a search. */
  found: number | null;
  onNextFound: () => void;
  slow: number;
  slowSeconds: number;
  onNextSlow: () => void;
  folding: Folding;
  orientation: Orientation;
  onOrientation: (orientation: Orientation) => void;
  onZoom: (factor: number) => void;
  onFit: () => void;
  notes: readonly string[];
  narrow: boolean;
}

/** Navigation: search for a task, late starts, groups, direction and zoom. */
export function GraphToolbar(props: Props): ReactElement {
  const { text, onText, found, onNextFound, slow, folding, orientation, notes, narrow } = props;
  const styles = useStyles2(toolbarStyles);
  const turn = TURN[orientation];
  return (
    <div className={styles.bar} role="toolbar" aria-label="Graph">
      <div className={styles.search}>
        <Input
          aria-label="Find a task"
          placeholder="Find a task"
          prefix={<Icon name="search" />}
          suffix={found !== null && <span role="status">{found === 0 ? 'none' : `${found} found`}</span>}
          value={text}
          onChange={(event) => onText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && onNextFound()}
        />
      </div>
      {slow > 0 && <SlowButton {...props} />}
      {folding.hasGroups && !narrow && <GroupsButton folding={folding} />}
      {notes.length > 0 && (
        <Tooltip content={notes.join(' ')}>
          <button type="button" className={styles.notes} aria-label={`Notes: ${notes.join('; ')}`}>
            <Icon name="info-circle" />
          </button>
        </Tooltip>
      )}
      <div className={styles.zoom}>
        {folding.hasGroups && narrow && <GroupsIcon folding={folding} />}
        <IconButton name={turn.icon} size="lg" tooltip={turn.words} onClick={() => props.onOrientation(turn.to)} />
        <IconButton name="search-minus" size="lg" tooltip="Zoom out (−)" onClick={() => props.onZoom(1 / 1.4)} />
        <IconButton name="search-plus" size="lg" tooltip="Zoom in (+)" onClick={() => props.onZoom(1.4)} />
        <IconButton name="arrows-h" size="lg" tooltip="Whole graph (0)" onClick={props.onFit} />
      </div>
    </div>
  );
}

const TURN = {
  LR: { to: 'TB', icon: 'arrow-down', words: 'Draw from top to bottom' },
  TB: { to: 'LR', icon: 'arrow-right', words: 'Draw from left to right' },
} as const;

function SlowButton({ slow, slowSeconds, onNextSlow, narrow }: Props): ReactElement {
  const words = `${slow} slow start${slow === 1 ? '' : 's'}`;
  return (
    <Button
      size="sm"
      variant="destructive"
      fill="outline"
      icon="exclamation-triangle"
      onClick={onNextSlow}
      aria-label={words}
      tooltip={`Show the next task that started more than ${slowSeconds} s after its upstream ended`}
    >
      {narrow ? slow : words}
    </Button>
  );
}

function groupsAction(folding: Folding) {
  return folding.anyOpen
    ? ({ words: 'Collapse groups', icon: 'minus-circle', run: folding.closeAll } as const)
    : ({ words: 'Open groups', icon: 'plus-circle', run: folding.openAll } as const);
}

function GroupsButton({ folding }: { folding: Folding }): ReactElement {
  const { words, icon, run } = groupsAction(folding);
  return (
    <Button size="sm" variant="secondary" fill="text" icon={icon} onClick={run}>
      {words}
    </Button>
  );
}

function GroupsIcon({ folding }: { folding: Folding }): ReactElement {
  const { words, icon, run } = groupsAction(folding);
  return <IconButton name={icon} size="lg" tooltip={words} onClick={run} />;
}

const toolbarStyles = (theme: GrafanaTheme2) => ({
  bar: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    paddingBottom: theme.spacing(1),
    minWidth: 0,
  }),
  search: css({ flex: '0 1 260px', minWidth: 110 }),
  notes: css({ background: 'none', border: 'none', padding: 0, color: theme.colors.text.secondary, cursor: 'help' }),
  zoom: css({ display: 'flex', alignItems: 'center', flexShrink: 0, marginLeft: 'auto' }),
});
