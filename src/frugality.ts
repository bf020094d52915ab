// How V8 deals with memory. Setting the watches of a large tree makes much garbage in a short time; V8 would rather
// take 30 MB more than collect it, and keeps them for good.

import { setFlagsFromString } from 'node:v8';

/**
 * How far the heap may grow over what was alive at the last collection, in percent. V8's own choice lets a queue of 100,000 paths, 100 MB,
 * become 400 MB before it looks; with this it is 300 MB, for a quarter more CPU while it grows.
 */
const GROWTH_PERCENT = 50;

/**
 * Some seconds after the work V8 collects what it left, and gives the memory back: here once, where by itself it tries up to three times. The
 * second and third find 2 MB, and are two thirds of what a quiet daemon would use in its first minute.
 */
const COLLECTION_IN_QUIET = '--memory-reducer-single-gc';

/**
 * The part of the heap in which new things are made stays as it is, 1 MB, where V8 would make it 16 MB for who makes much: what of it is in use
 * is copied in one go, 20 to 60 ms while a batch of 5,000 paths is made. It costs no more CPU (a longer queue lives on anyhow).
 */
const YOUNG_GROWTH = '--semi-space-growth-factor=1';

/**
 * Has V8 collect garbage before it asks for more memory: always a little, and until the function that is returned is called (any number of
 * times) before all else. That is for the start only: with a heap that grows (a million events in a queue) it costs three times the CPU.
 */
export function beFrugal(): () => void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  setFlagsFromString(COLLECTION_IN_QUIET);
  setFlagsFromString(YOUNG_GROWTH);
  setFlagsFromString('--optimize-for-size');
  return () => setFlagsFromString('--no-optimize-for-size');
}
