// What the patched places of fengari call, by the name `integers` (fengari-patches.ts).

import { cFormat, floatText } from './c-format.ts';
import { reasonOf } from './file-error.ts';
import * as integers from './integers.ts';

export const helpers = { ...integers, cFormat, floatText, reasonOf };
