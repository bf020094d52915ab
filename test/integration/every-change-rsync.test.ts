// Every kind of change with default.rsync.

import { describeEveryChange } from './every-change.ts';

describeEveryChange('rsync');
