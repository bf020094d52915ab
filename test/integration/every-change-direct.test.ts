// Every kind of change with default.direct.

import { describeEveryChange } from './every-change.ts';

describeEveryChange('direct');
