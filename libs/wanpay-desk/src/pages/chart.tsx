import type { JSX } from 'preact';
import { Scroll } from './format.js';

interface Chart {
  readonly label: string;
  readonly days: readonly string[];
  readonly values: readonly (number | undefined)[];
  readonly format: (value: number) => string;
  /** The top of the scale; left out, the greatest value. */
  readonly top?: number;
}

const [HEIGHT, TOP, BOTTOM, LEFT, BAR] = [150, 20, 24, 70, 18];

/** A bar for each day. The table beside it says the same. */
export function BarChart({ label, days, values, format, top: asked }: Chart): JSX.Element {
  const top = Math.max(1, asked ?? Math.max(0, ...values.map((value) => value ?? 0)));
  const width = LEFT + Math.max(12, days.length) * BAR + 10;
  const y = (value: number): number => HEIGHT - BOTTOM - Math.round((value / top) * (HEIGHT - TOP - BOTTOM));
  const every = Math.ceil(days.length / 8);
  return (
    <Scroll label={label}>
      <svg role="img" aria-label={label} width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`}>
        <line class="line" x1={LEFT} x2={width} y1={y(top)} y2={y(top)} />
        <line class="axis" x1={LEFT} x2={width} y1={y(0)} y2={y(0)} />
        <text class="faint" x={LEFT - 6} y={y(top) + 4} text-anchor="end">
          {format(top)}
        </text>
        <text class="faint" x={LEFT - 6} y={y(0) + 4} text-anchor="end">
          {format(0)}
        </text>
        {days.map((day, i) => {
          const value = values[i];
          const x = LEFT + i * BAR + 2;
          return (
            <g key={day}>
              <title>{`${day}: ${value === undefined ? '–' : format(value)}`}</title>
              {value !== undefined && <rect class="bar" x={x} y={y(value)} width={BAR - 4} height={y(0) - y(value)} />}
              {i % every === 0 && (
                <text class="faint" x={x} y={HEIGHT - 8}>
                  {day.slice(5)}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </Scroll>
  );
}
