import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Text, useStyles2 } from '@grafana/ui';
import { useId, type ReactNode } from 'react';

interface Props {
  title: string;
  /** One sentence about its contents. */
  about?: string;
  children: ReactNode;
}

/** A part of a page with a heading. */
export function Section({ title, about, children }: Props) {
  const styles = useStyles2(getStyles);
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <div>
        <Text element="h2" variant="h4" id={id}>
          {title}
        </Text>
        {about && <Text color="secondary">{about}</Text>}
      </div>
      {children}
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  section: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5), minWidth: 0 }),
});
