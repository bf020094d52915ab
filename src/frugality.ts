// How V8 deals with memory while the program starts. Setting the watches of a large tree makes much garbage in a short time; V8 would rather
// take 30 MB more than collect it, and keeps them for good.

import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 collect garbage before it asks for more memory, until the function that is returned is called (any number of times). For the start
 * only: with a heap that grows (a million events in a queue) it costs three times the CPU.
 */
export function beFrugal(): () => void {
  setFlagsFromString('--optimize-for-size');
  return () => setFlagsFromString('--no-optimize-for-size');
}
