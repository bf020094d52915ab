// Every kind of change with default.rsyncssh.

import { describeEveryChange } from './every-change.ts';

describeEveryChange('rsyncssh');
