import { render, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { PAGES } from '../../../shared/grafana.ts';
import { ButtonLink } from '../../../src/components/ButtonLink.tsx';
import { PageLink } from '../../../src/components/PageLink.tsx';
import { webAddress } from '../../../src/components/webAddress.ts';

const ID = 'ann+1@example.com & co #7 50%';

describe('links with ids', () => {
  it.each([
    ['a link in a text', <PageLink to={`${PAGES.lookup}?value=${encodeURIComponent(ID)}`}>it</PageLink>],
    ['a button', <ButtonLink href={`${PAGES.lookup}?value=${encodeURIComponent(ID)}`}>it</ButtonLink>],
  ])('keep them in %s', (_, link) => {
    render(link);
    const { href } = screen.getByRole<HTMLAnchorElement>('link', { name: 'it' });
    expect(new URL(href).searchParams.get('value')).toBe(ID);
  });

  it.each([
    ['https://airflow.example.com/x?run=a%2Bb', 'https://airflow.example.com/x?run=a%2Bb'],
    ['javascript:alert(1)', undefined],
    ['/a/x', undefined],
    [null, undefined],
  ])('lead out of Grafana only to the web: %s', (url, expected) => {
    expect(webAddress(url)).toBe(expected);
  });
});
