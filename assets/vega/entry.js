// What the report's page uses of Vega, under one global name.
export {parse, View} from 'vega';
export {expressionInterpreter} from 'vega-interpreter';
export {compile} from 'vega-lite';
