// The arithmetic of the bench: what many readings of one number come to.

/** The middle one; of an even count the mean of the two in the middle. @throws RangeError when there are none */
export function median(readings: readonly number[]): number {
  const sorted = readings.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new RangeError('Cannot take a median: no readings');
  return (low + high) / 2;
}

/** Smallest and largest. @throws RangeError when there are none */
export function spread(readings: readonly number[]): readonly [low: number, high: number] {
  if (readings.length === 0) throw new RangeError('Cannot take a spread: no readings');
  return [Math.min(...readings), Math.max(...readings)];
}

/** How the second value grows with the first, between two points: (y2 - y1) / (x2 - x1). */
export function slope(from: readonly [x: number, y: number], to: readonly [x: number, y: number]): number {
  return (to[1] - from[1]) / (to[0] - from[0]);
}
