// What is replaced in fengari 0.1.5 (patched-fengari.ts): each piece of its source and what stands there instead.

import { basename } from 'node:path';
import { stringPatches } from './fengari-string-patches.ts';
import type { Patch } from './fengari-string-patches.ts';

const arithmetic: readonly Patch[] = [
  ['(op1.value + op2.value)|0', 'integers.add(op1.value, op2.value)'],
  ['(op1.value - op2.value)|0', 'integers.subtract(op1.value, op2.value)'],
  ['numberop1 & numberop2', 'integers.and(numberop1, numberop2)'],
  ['numberop1 | numberop2', 'integers.or(numberop1, numberop2)'],
  ['numberop1 ^ numberop2', 'integers.xor(numberop1, numberop2)'],
  ['luaV_shiftl(numberop1, -numberop2)', 'luaV_shiftl(numberop1, integers.negate(numberop2))'],
  ['(-op.value)|0', 'integers.negate(op.value)'],
  // a float or a text that is an integer has its bits too
  [
    `if (op.ttisinteger()) {
                    L.stack[ra].setivalue(~op.value);`,
    `let numberop = tointeger(op);
                if (numberop !== false) {
                    L.stack[ra].setivalue(integers.not(numberop));`,
  ],
  ['const luaV_imul = Math.imul ||', 'const luaV_imul = integers.multiply ||'],
  ['return Math.floor(m / n)|0;', 'return integers.divide(m, n);'],
  ['return (m - Math.floor(m / n) * n)|0;', 'return integers.modulo(m, n);'],
  [
    'const luaV_shiftl = function(x, y) {',
    'const luaV_shiftl = function(x, y) { return integers.shiftLeft(x, y);',
  ],
];

const loops: readonly Patch[] = [
  ['let idx = (L.stack[ra].value + step)|0;', 'let idx = integers.add(L.stack[ra].value, step);'],
  ['(initv - pstep.value)|0', 'integers.subtract(initv, pstep.value)'],
  ['ilimit = LUA_MAXINTEGER;', 'ilimit = integers.maxInteger;'],
  ['ilimit = LUA_MININTEGER;', 'ilimit = integers.minInteger;'],
];

const conversions: readonly Patch[] = [
  ['(t1.value === t2.value) ? 1 : 0;\n        }', '(t1.value == t2.value) ? 1 : 0;\n        }'],
  [
    'if (o.ttnov() === LUA_TNUMBER)\n        return o.value;',
    'if (o.ttnov() === LUA_TNUMBER)\n        return Number(o.value);',
  ],
  [
    '=== (o.vslen() + 1))\n            return v.value;',
    '=== (o.vslen() + 1))\n            return Number(v.value);',
  ],
];

const numerals: readonly Patch[] = [
  ['return (v1 + v2)|0;', 'return integers.add(v1, v2);'],
  ['return (v1 - v2)|0;', 'return integers.subtract(v1, v2);'],
  ['return (v1 & v2);', 'return integers.and(v1, v2);'],
  ['return (v1 | v2);', 'return integers.or(v1, v2);'],
  ['return (v1 ^ v2);', 'return integers.xor(v1, v2);'],
  ['lvm.luaV_shiftl(v1, -v2)', 'lvm.luaV_shiftl(v1, integers.negate(v2))'],
  ['return (0 - v1)|0;', 'return integers.negate(v1);'],
  ['return (~0 ^ v1);', 'return integers.not(v1);'],
  ['let empty = true;', 'let empty = true; let begin = 0; let value;'],
  ['hex? */\n        i += 2;', 'hex? */\n        begin = i; i += 2;'],
  ['a = (a * 16 + luaO_hexavalue(s[i]))|0;', ''],
  ['decimal */\n        for', 'decimal */\n        begin = i;\n        for'],
  ["let d = s[i] - 48 /* ('0').charCodeAt(0) */;\n            if (a", 'if (false) if (a'],
  ['a = (a * 10 + d)|0;', ''],
  [
    'while (i < s.length && lisspace(s[i])) i++;  /* skip trailing spaces */',
    `if (!empty) value = integers.parseInteger(neg, String.fromCharCode(...s.subarray(begin, i)));
    if (value === undefined) return null;
    while (i < s.length && lisspace(s[i])) i++;`,
  ],
  ['n: (neg ? -a : a)|0,', 'n: value,'],
];

const mathematics: readonly Patch[] = [
  ['if (n < 0) n = (-n)|0;', 'if (n < 0) n = integers.negate(n);'],
  ['(lua_tointeger(L, 1) % d)|0', 'integers.remainder(lua_tointeger(L, 1), d)'],
  ['let a = luaL_checkinteger(L, 1);', 'let a = luaL_checkinteger.exact(L, 1);'],
  ['let b = luaL_checkinteger(L, 2);', 'let b = luaL_checkinteger.exact(L, 2);'],
  ['up = luaL_checkinteger(L, ', 'up = luaL_checkinteger.exact(L, '],
  ['low = luaL_checkinteger(L, 1)', 'low = luaL_checkinteger.exact(L, 1)'],
  ['low >= 0 || up <= LUA_MAXINTEGER + low', 'low >= 0 || BigInt(up) - BigInt(low) <= integers.maxInteger'],
  [
    'r *= (up - low) + 1;\n    lua_pushinteger(L, Math.floor(r) + low);',
    `let first = r;
    lua_pushinteger(L, integers.between(low, up, () => {
        let random = first === null ? Math.random() : first;
        first = null;
        return random;
    }));`,
  ],
  ['"wrong number of arguments"', 'to_luastring("wrong number of arguments")'],
  ['lua_pushinteger(L, LUA_MAXINTEGER);', 'lua_pushinteger(L, integers.maxInteger);'],
  ['lua_pushinteger(L, LUA_MININTEGER);', 'lua_pushinteger(L, integers.minInteger);'],
];

/** Functions of C are those of TypeScript here: what shows them says C, as in lua. */
const words: Readonly<Record<string, readonly Patch[]>> = {
  'ldebug.js': [
    ['"=[JS]"', '"=[C]"'],
    ['to_luastring("J", true)', 'to_luastring("C", true)'],
  ],
  'ldo.js': [
    ['across a JS-call boundary', 'across a C-call boundary'],
    ['"JS stack overflow"', '"C stack overflow"'],
  ],
  'lparser.js': [['"JS levels"', '"C levels"']],
  'loadlib.js': [['if (sep[0] !== 0)', 'if (sep.length > 0)']],
};

/** What takes time at the start, and is replaced by libraries of ours (or, debug.debug, hardly ever called). */
const lateness: Readonly<Record<string, readonly Patch[]>> = {
  'ldblib.js': [
    [
      "const readlineSync = require('readline-sync');\n    readlineSync.setDefaultOptions({\n        prompt: 'lua_debug> '\n    });",
      '',
    ],
    ['return readlineSync.prompt();', "return require('readline-sync').prompt({ prompt: 'lua_debug> ' });"],
  ],
  'liolib.js': [
    ['createstdfile(L, process.stdin, ', 'createstdfile(L, null, '],
    ['createstdfile(L, process.stdout, ', 'createstdfile(L, null, '],
    ['createstdfile(L, process.stderr, ', 'createstdfile(L, null, '],
  ],
  'loslib.js': [
    ["const tmp = require('tmp');", ''],
    ['return tmp.tmpNameSync();', "return require('tmp').tmpNameSync();"],
  ],
};

const patches: Readonly<Record<string, readonly Patch[]>> = {
  ...words,
  ...lateness,
  'lvm.js': [...arithmetic, ...loops, ...conversions],
  'lobject.js': numerals,
  'lmathlib.js': mathematics,
  'lstrlib.js': stringPatches,
  'luaconf.js': [
    ['const LUA_MAXINTEGER = 2147483647;', 'const LUA_MAXINTEGER = 2 ** 63;'],
    ['const LUA_MININTEGER = -2147483648;', 'const LUA_MININTEGER = -(2 ** 63);'],
    ['String(Number(n.toPrecision(14)))', 'integers.floatText(n)'],
    ['n >= LUA_MININTEGER && n < -LUA_MININTEGER ? n : false', 'integers.fromFloat(n)'],
  ],
  'lapi.js': [
    ['typeof n === "number" && (n|0) === n', 'typeof n === "bigint" || Number.isInteger(n)'],
    ['new TValue(LUA_TNUMINT, n)', 'new TValue(LUA_TNUMINT, integers.toInteger(n))'],
  ],
  'lauxlib.js': [
    ['(...tail calls..)', '(...tail calls...)'],
    ['let serr = error.message;', 'let serr = integers.reasonOf(error);'],
    [
      'const luaL_optinteger = function',
      `luaL_checkinteger.exact = function(L, arg) {
    let d = lua_tointegerx(L, arg);
    if (d === false)
        interror(L, arg);
    return d;
};

const luaL_optinteger = function`,
    ],
    ['interror(L, arg);\n    return d;\n};\n\nluaL', 'interror(L, arg);\n    return Number(d);\n};\n\nluaL'],
  ],
  'lbaselib.js': [
    [
      'let v = parseInt(r[1]+r[2], base);\n    if (isNaN(v)) return null;\n    return v|0;',
      `if (Array.from(r[2]).some(d => isNaN(parseInt(d, base)))) return null;
    let v = integers.parseInBase(r[2], base);
    return r[1] === "-" ? integers.negate(v) : v;`,
    ],
  ],
  'ltable.js': [
    [
      'case LUA_TNUMINT: /* takes',
      'return Number.isSafeInteger(key.value) || integers.fromFloat(key.value) === false ? key.value : integers.fromFloat(key.value);\n        case LUA_TNUMINT: /* takes',
    ],
    ['key.ttisfloat() && (kv|0) === kv', 'key.ttisfloat() && integers.fromFloat(kv) !== false'],
    ['new lobject.TValue(LUA_TNUMINT, kv)', 'new lobject.TValue(LUA_TNUMINT, integers.fromFloat(kv))'],
  ],
  'lcode.js': [
    [
      'new TValue(LUA_TLIGHTUSERDATA, n)',
      'new TValue(LUA_TLIGHTUSERDATA, typeof n === "bigint" ? `integer ${n}` : n)',
    ],
    ['return (v2.value !== 0);', 'return (v2.value != 0);'],
  ],
  'ldump.js': [
    ['DumpByte(4, D); // integerSize', 'DumpByte(8, D); // integerSize'],
    [
      'const DumpInteger = function(x, D) {\n    let ab = new ArrayBuffer(4);\n    let dv = new DataView(ab);\n    dv.setInt32(0, x, true);\n    let t = new Uint8Array(ab);\n    DumpBlock(t, 4, D);',
      'const DumpInteger = function(x, D) {\n    DumpBlock(Uint8Array.from(integers.toBytes(x, 8, true)), 8, D);',
    ],
  ],
  'lundump.js': [
    ['this.checksize(this.integerSize, 4, "integer");', 'this.checksize(this.integerSize, 8, "integer");'],
    [
      'this.integerSize) !== 0)\n            this.error("truncated");\n        return this.dv.getInt32(0, true);',
      'this.integerSize) !== 0)\n            this.error("truncated");\n        return integers.toInteger(this.dv.getBigInt64(0, true));',
    ],
  ],
};

/**
 * The source of one file of fengari with its places replaced; those call `integers` (fengari-helpers.ts).
 * @throws Error if fengari is not as the patches know it
 */
export function patched(path: string, source: string): string {
  return (patches[basename(path)] ?? []).reduce((code, [from, to]) => {
    if (!code.includes(from)) throw new Error(`Cannot patch "${path}": no "${from}" in it`);
    return code.replaceAll(from, () => to);
  }, source);
}
