#!/usr/bin/env -S node --v8-pool-size=1
// One thread of V8 (garbage, compiler) beside the program instead of four: they would take the processor from the program itself, and memory.
require('../bundle/start.js');
