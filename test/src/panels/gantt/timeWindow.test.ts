import { describe, expect, it } from 'vitest';
import { clockTicks, elapsedTicks, stepFor } from '../../../../src/panels/gantt/ticks.ts';
import {
  fractionAt,
  keepInside,
  MIN_SPAN_MS,
  momentAt,
  pan,
  wholeWindow,
  zoom,
} from '../../../../src/panels/gantt/timeWindow.ts';

const of = (part: Partial<Parameters<typeof wholeWindow>[0]>) => ({
  ...{ start: 0, end: 1000, live: false, expectedEnd: null },
  ...part,
});

const limits = { from: 0, to: 1000 };

describe('zooming', () => {
  it('keeps the anchor in place', () => {
    const closer = zoom(limits, 0.5, 300, limits);
    expect(closer).toEqual({ from: 150, to: 650 });
    expect(fractionAt(closer, 300)).toBeCloseTo(fractionAt(limits, 300));
  });
  it('never shows more than the run', () => {
    expect(zoom({ from: 100, to: 600 }, 4, 300, limits)).toEqual(limits);
    expect(zoom({ from: 0, to: 500 }, 1.5, 500, limits)).toEqual({ from: 0, to: 750 });
  });
  it('stops where milliseconds can be distinguished', () => {
    const closest = zoom({ from: 100, to: 110 }, 0.01, 105, limits);
    expect(closest.to - closest.from).toBe(MIN_SPAN_MS);
  });
  it('moving stops at the ends', () => {
    expect(pan({ from: 700, to: 900 }, 5, limits)).toEqual({ from: 800, to: 1000 });
    expect(pan({ from: 100, to: 300 }, -0.25, limits)).toEqual({ from: 50, to: 250 });
  });
  it('a position and its time correspond', () => {
    expect(fractionAt(limits, momentAt(limits, 0.37))).toBeCloseTo(0.37);
    expect(keepInside({ from: -50, to: 50 }, limits)).toEqual({ from: 0, to: 100 });
  });
});

describe('the whole run', () => {
  it('ends with the last timestamp, or now while it is active', () => {
    expect(wholeWindow(of({ live: false }), 5000).to).toBeLessThan(1100);
    expect(wholeWindow(of({ live: true }), 5000).to).toBeGreaterThan(5000);
    expect(wholeWindow(of({ live: true, expectedEnd: 9000 }), 5000).to).toBeGreaterThan(9000);
  });
  it.each([
    ['nothing has a timestamp', null, null],
    ['everything happened at the same time', 500, 500],
  ])('has a width even if %s', (_, start, end) => {
    const window = wholeWindow(of({ start, end }), 700);
    expect(window.to).toBeGreaterThan(window.from);
  });
});

describe('ticks', () => {
  const at = Date.parse('2026-03-14T02:59:28Z');
  it('are at round times of the zone, even in half-hour zones', () => {
    const hours = { from: at, to: at + 6 * 3600_000 };
    expect(
      clockTicks(hours, 600, 'Asia/Kolkata')
        .map((tick) => tick.label)
        .slice(0, 2),
    ).toEqual(['09:00', '10:00']);
    expect(
      clockTicks(hours, 600, 'utc')
        .map((tick) => tick.label)
        .slice(0, 2),
    ).toEqual(['03:00', '04:00']);
  });
  it.each([
    ['seconds', 20_000, '02:59:30'],
    ['milliseconds', 400, '02:59:28.000'],
    ['minutes', 30 * 60_000, '03:00'],
  ])('say %s', (_, span, first) => {
    expect(clockTicks({ from: at, to: at + span }, 800, 'utc')[0]!.label).toBe(first);
  });
  it('leave space between labels with milliseconds, which are longer', () => {
    const labels = clockTicks({ from: at, to: at + 2_000 }, 900, 'utc');
    expect(900 / labels.length).toBeGreaterThan(100);
  });
  it('count from the beginning of the run, not before it', () => {
    const ticks = elapsedTicks({ from: at - 2000, to: at + 150_000 }, 700, at);
    expect(ticks.map((tick) => tick.label)).toEqual(['+0s', '+30s', '+1:00', '+1:30', '+2:00', '+2:30']);
  });
  it('do not overlap, however narrow the panel is', () => {
    expect(stepFor({ from: 0, to: 60_000 }, 90, 84)).toBe(60_000);
    expect(clockTicks({ from: at, to: at + 90_000_000_000 }, 50, 'utc').length).toBeLessThan(10);
  });
});
