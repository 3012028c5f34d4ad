// The part of the package `vega` that the charts need; maps, forces, trees, word clouds and the rest stay out.
import {extend} from 'vega-util';
import {transforms} from 'vega-dataflow';
import * as data from 'vega-transforms';
import * as view from 'vega-view-transforms';
import * as encode from 'vega-encode';

extend(transforms, data, view, encode);

export * from 'vega-util';
export {View} from 'vega-view';
export {parse} from 'vega-parser';
