import { describe, expect, it } from 'vitest';
import {
  COLOURS,
  OUTCOMES,
  QUANTILES,
  RUN_STATES,
  STAGES,
  TASK_STATES,
} from '../../observability/dashboards/colours.ts';
import { QUANTILE_COLOURS } from '../../src/charts/quantileColours.ts';

/** Background of a panel in Grafana's themes. */
const BACKGROUNDS = { dark: '#181b1f', light: '#ffffff' };

/** How people with full and with limited colour vision see the colours of a screen (Machado, Oliveira and Fernandes 2009, severity 1). */
const EYES = {
  'most people': [1, 0, 0, 0, 1, 0, 0, 0, 1],
  'people without red cones': [
    0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998,
  ],
  'people without green cones': [
    0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881,
  ],
};
/** Distance in CIELAB. 2.3 is just noticeable side by side. */
const TOLD_APART = 12;

describe('colours that mean something', () => {
  it('are the same for quantiles on the pages', () => {
    const colours = Object.entries(QUANTILES).map(([name, colour]) => [name, COLOURS[colour]]);
    expect(QUANTILE_COLOURS).toEqual(Object.fromEntries(colours));
  });

  it.each(Object.entries(BACKGROUNDS))('stand out from the %s background', (_, background) => {
    for (const [name, colour] of Object.entries(COLOURS)) expect(contrast(colour, background), name).toBeGreaterThan(3);
  });

  it.each(Object.entries(EYES))('can be distinguished by %s if they occur in one panel', (_, eyes) => {
    for (const panel of [QUANTILES, STAGES, OUTCOMES, RUN_STATES, TASK_STATES]) {
      const shades = [...new Set(Object.values(panel))];
      for (const [at, one] of shades.entries()) {
        for (const other of shades.slice(at + 1)) {
          const [a, b] = [lab(COLOURS[one], eyes), lab(COLOURS[other], eyes)];
          expect(Math.hypot(...a.map((value, axis) => value - b[axis]!)), `${one} and ${other}`).toBeGreaterThan(
            TOLD_APART,
          );
        }
      }
    }
  });
});

function linear(hex: string): number[] {
  return [1, 3, 5].map((at) => {
    const share = parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
}

function contrast(one: string, other: string): number {
  const [dark, light] = [one, other].map((hex) => luminance(linear(hex))).sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

function luminance([red = 0, green = 0, blue = 0]: number[]): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function lab(hex: string, eyes: readonly number[]): number[] {
  const screen = linear(hex);
  const [red = 0, green = 0, blue = 0] = [0, 1, 2].map((row) => {
    const seen = screen.reduce((sum, value, at) => sum + eyes[3 * row + at]! * value, 0);
    return Math.min(1, Math.max(0, seen));
  });
  const [x, y, z] = [
    (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
    luminance([red, green, blue]),
    (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
  ].map((value) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116)) as [number, number, number];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
