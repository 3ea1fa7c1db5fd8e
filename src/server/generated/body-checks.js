/**
 * What the bodies of the API look like, as ajv's own code; `npm run tidy` writes it from `src/api/`.
 * The first error of a check is the one that users see.
 */
const body0 = validate21;
const schema6 = {"type":"object","properties":{"schema":{"$ref":"part0"},"schemaType":{"$ref":"part0"},"references":{"$ref":"part1"},"metadata":{"$ref":"part2"},"ruleSet":{"$ref":"part5"},"version":{"$ref":"part8"},"id":{"$ref":"part8"},"schemaTagsToAdd":{"$ref":"part9"},"schemaTagsToRemove":{"$ref":"part9"},"propagateSchemaTags":{"$ref":"part7"}}};
const schema7 = {"anyOf":[{"type":"string"},{"type":"null"}]};

function validate22(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
const _errs0 = errors;
let valid0 = false;
const _errs1 = errors;
if(typeof data !== "string"){
const err0 = {instancePath,schemaPath:"#/anyOf/0/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var _valid0 = _errs1 === errors;
valid0 = valid0 || _valid0;
if(!valid0){
const _errs3 = errors;
if(data !== null){
const err1 = {instancePath,schemaPath:"#/anyOf/1/type",keyword:"type",params:{type: "null"},message:"must be null"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
var _valid0 = _errs3 === errors;
valid0 = valid0 || _valid0;
}
if(!valid0){
const err2 = {instancePath,schemaPath:"#/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
validate22.errors = vErrors;
return false;
}
else {
errors = _errs0;
if(vErrors !== null){
if(_errs0){
vErrors.length = _errs0;
}
else {
vErrors = null;
}
}
}
validate22.errors = vErrors;
return errors === 0;
}

const schema8 = {"anyOf":[{"type":"array","items":{"type":"object","required":["name","subject","version"],"properties":{"name":{"type":"string"},"subject":{"type":"string"},"version":{"minimum":-2147483648,"maximum":2147483647,"type":"integer"}}}},{"type":"null"}]};

function validate25(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
const _errs0 = errors;
let valid0 = false;
const _errs1 = errors;
if(errors === _errs1){
if(Array.isArray(data)){
var valid1 = true;
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
let data0 = data[i0];
const _errs3 = errors;
if(errors === _errs3){
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
let missing0;
if((((data0.name === undefined) && (missing0 = "name")) || ((data0.subject === undefined) && (missing0 = "subject"))) || ((data0.version === undefined) && (missing0 = "version"))){
const err0 = {instancePath:instancePath+"/" + i0,schemaPath:"#/anyOf/0/items/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
else {
if(data0.name !== undefined){
const _errs5 = errors;
if(typeof data0.name !== "string"){
const err1 = {instancePath:instancePath+"/" + i0+"/name",schemaPath:"#/anyOf/0/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
var valid2 = _errs5 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data0.subject !== undefined){
const _errs7 = errors;
if(typeof data0.subject !== "string"){
const err2 = {instancePath:instancePath+"/" + i0+"/subject",schemaPath:"#/anyOf/0/items/properties/subject/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
var valid2 = _errs7 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data0.version !== undefined){
let data3 = data0.version;
const _errs9 = errors;
if(!((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3)))){
const err3 = {instancePath:instancePath+"/" + i0+"/version",schemaPath:"#/anyOf/0/items/properties/version/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(errors === _errs9){
if(typeof data3 == "number"){
if(data3 > 2147483647 || isNaN(data3)){
const err4 = {instancePath:instancePath+"/" + i0+"/version",schemaPath:"#/anyOf/0/items/properties/version/maximum",keyword:"maximum",params:{comparison: "<=", limit: 2147483647},message:"must be <= 2147483647"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
else {
if(data3 < -2147483648 || isNaN(data3)){
const err5 = {instancePath:instancePath+"/" + i0+"/version",schemaPath:"#/anyOf/0/items/properties/version/minimum",keyword:"minimum",params:{comparison: ">=", limit: -2147483648},message:"must be >= -2147483648"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
}
}
var valid2 = _errs9 === errors;
}
else {
var valid2 = true;
}
}
}
}
}
else {
const err6 = {instancePath:instancePath+"/" + i0,schemaPath:"#/anyOf/0/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
var valid1 = _errs3 === errors;
if(!valid1){
break;
}
}
}
else {
const err7 = {instancePath,schemaPath:"#/anyOf/0/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
var _valid0 = _errs1 === errors;
valid0 = valid0 || _valid0;
if(!valid0){
const _errs11 = errors;
if(data !== null){
const err8 = {instancePath,schemaPath:"#/anyOf/1/type",keyword:"type",params:{type: "null"},message:"must be null"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
var _valid0 = _errs11 === errors;
valid0 = valid0 || _valid0;
}
if(!valid0){
const err9 = {instancePath,schemaPath:"#/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
validate25.errors = vErrors;
return false;
}
else {
errors = _errs0;
if(vErrors !== null){
if(_errs0){
vErrors.length = _errs0;
}
else {
vErrors = null;
}
}
}
validate25.errors = vErrors;
return errors === 0;
}

const schema9 = {"anyOf":[{"type":"object","properties":{"tags":{"anyOf":[{"type":"object","patternProperties":{"^(.*)$":{"type":"array","items":{"type":"string"}}}},{"type":"null"}]},"properties":{"$ref":"part3"},"sensitive":{"$ref":"part4"}}},{"type":"null"}]};
const pattern0 = new RegExp("^(.*)$", "u");
const schema10 = {"anyOf":[{"type":"object","patternProperties":{"^(.*)$":{"type":"string"}}},{"type":"null"}]};

function validate28(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
const _errs0 = errors;
let valid0 = false;
const _errs1 = errors;
if(errors === _errs1){
if(data && typeof data == "object" && !Array.isArray(data)){
var valid1 = true;
for(const key0 in data){
if(pattern0.test(key0)){
const _errs3 = errors;
if(typeof data[key0] !== "string"){
const err0 = {instancePath:instancePath+"/" + key0.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/anyOf/0/patternProperties/%5E(.*)%24/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var valid1 = _errs3 === errors;
if(!valid1){
break;
}
}
}
}
else {
const err1 = {instancePath,schemaPath:"#/anyOf/0/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
var _valid0 = _errs1 === errors;
valid0 = valid0 || _valid0;
if(!valid0){
const _errs5 = errors;
if(data !== null){
const err2 = {instancePath,schemaPath:"#/anyOf/1/type",keyword:"type",params:{type: "null"},message:"must be null"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
var _valid0 = _errs5 === errors;
valid0 = valid0 || _valid0;
}
if(!valid0){
const err3 = {instancePath,schemaPath:"#/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
validate28.errors = vErrors;
return false;
}
else {
errors = _errs0;
if(vErrors !== null){
if(_errs0){
vErrors.length = _errs0;
}
else {
vErrors = null;
}
}
}
validate28.errors = vErrors;
return errors === 0;
}

const schema11 = {"anyOf":[{"type":"array","items":{"type":"string"}},{"type":"null"}]};

function validate30(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
const _errs0 = errors;
let valid0 = false;
const _errs1 = errors;
if(errors === _errs1){
if(Array.isArray(data)){
var valid1 = true;
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
const _errs3 = errors;
if(typeof data[i0] !== "string"){
const err0 = {instancePath:instancePath+"/" + i0,schemaPath:"#/anyOf/0/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var valid1 = _errs3 === errors;
if(!valid1){
break;
}
}
}
else {
const err1 = {instancePath,schemaPath:"#/anyOf/0/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
var _valid0 = _errs1 === errors;
valid0 = valid0 || _valid0;
if(!valid0){
const _errs5 = errors;
if(data !== null){
const err2 = {instancePath,schemaPath:"#/anyOf/1/type",keyword:"type",params:{type: "null"},message:"must be null"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
var _valid0 = _errs5 === errors;
valid0 = valid0 || _valid0;
}
if(!valid0){
const err3 = {instancePath,schemaPath:"#/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
validate30.errors = vErrors;
return false;
}
else {
errors = _errs0;
if(vErrors !== null){
if(_errs0){
vErrors.length = _errs0;
}
else {
vErrors = null;
}
}
}
validate30.errors = vErrors;
return errors === 0;
}


function validate27(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
const _errs0 = errors;
let valid0 = false;
const _errs1 = errors;
if(errors === _errs1){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.tags !== undefined){
let data0 = data.tags;
const _errs3 = errors;
const _errs4 = errors;
let valid2 = false;
const _errs5 = errors;
if(errors === _errs5){
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
var valid3 = true;
for(const key0 in data0){
if(pattern0.test(key0)){
let data1 = data0[key0];
const _errs7 = errors;
if(errors === _errs7){
if(Array.isArray(data1)){
var valid4 = true;
const len0 = data1.length;
for(let i0=0; i0<len0; i0++){
const _errs9 = errors;
if(typeof data1[i0] !== "string"){
const err0 = {instancePath:instancePath+"/tags/" + key0.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + i0,schemaPath:"#/anyOf/0/properties/tags/anyOf/0/patternProperties/%5E(.*)%24/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var valid4 = _errs9 === errors;
if(!valid4){
break;
}
}
}
else {
const err1 = {instancePath:instancePath+"/tags/" + key0.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/anyOf/0/properties/tags/anyOf/0/patternProperties/%5E(.*)%24/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
var valid3 = _errs7 === errors;
if(!valid3){
break;
}
}
}
}
else {
const err2 = {instancePath:instancePath+"/tags",schemaPath:"#/anyOf/0/properties/tags/anyOf/0/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
var _valid1 = _errs5 === errors;
valid2 = valid2 || _valid1;
if(!valid2){
const _errs11 = errors;
if(data0 !== null){
const err3 = {instancePath:instancePath+"/tags",schemaPath:"#/anyOf/0/properties/tags/anyOf/1/type",keyword:"type",params:{type: "null"},message:"must be null"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
var _valid1 = _errs11 === errors;
valid2 = valid2 || _valid1;
}
if(!valid2){
const err4 = {instancePath:instancePath+"/tags",schemaPath:"#/anyOf/0/properties/tags/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
else {
errors = _errs4;
if(vErrors !== null){
if(_errs4){
vErrors.length = _errs4;
}
else {
vErrors = null;
}
}
}
var valid1 = _errs3 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data.properties !== undefined){
const _errs13 = errors;
if(!(validate28(data.properties, {instancePath:instancePath+"/properties",parentData:data,parentDataProperty:"properties",rootData}))){
vErrors = vErrors === null ? validate28.errors : vErrors.concat(validate28.errors);
errors = vErrors.length;
}
var valid1 = _errs13 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data.sensitive !== undefined){
const _errs14 = errors;
if(!(validate30(data.sensitive, {instancePath:instancePath+"/sensitive",parentData:data,parentDataProperty:"sensitive",rootData}))){
vErrors = vErrors === null ? validate30.errors : vErrors.concat(validate30.errors);
errors = vErrors.length;
}
var valid1 = _errs14 === errors;
}
else {
var valid1 = true;
}
}
}
}
else {
const err5 = {instancePath,schemaPath:"#/anyOf/0/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
var _valid0 = _errs1 === errors;
valid0 = valid0 || _valid0;
if(!valid0){
const _errs15 = errors;
if(data !== null){
const err6 = {instancePath,schemaPath:"#/anyOf/1/type",keyword:"type",params:{type: "null"},message:"must be null"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
var _valid0 = _errs15 === errors;
valid0 = valid0 || _valid0;
}
if(!valid0){
const err7 = {instancePath,schemaPath:"#/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
validate27.errors = vErrors;
return false;
}
else {
errors = _errs0;
if(vErrors !== null){
if(_errs0){
vErrors.length = _errs0;
}
else {
vErrors = null;
}
}
}
validate27.errors = vErrors;
return errors === 0;
}

const schema12 = {"anyOf":[{"type":"object","properties":{"migrationRules":{"$ref":"part6"},"domainRules":{"$ref":"part6"},"encodingRules":{"$ref":"part6"},"enableAt":{"anyOf":[{"anyOf":[{"const":"ALL","type":"string"},{"const":"CLIENT","type":"string"},{"const":"GATEWAY","type":"string"},{"const":"SERVER","type":"string"},{"const":"NONE","type":"string"}]},{"type":"null"}]}}},{"type":"null"}]};
const schema13 = {"anyOf":[{"type":"array","items":{"type":"object","properties":{"name":{"$ref":"part0"},"doc":{"$ref":"part0"},"kind":{"anyOf":[{"anyOf":[{"const":"TRANSFORM","type":"string"},{"const":"CONDITION","type":"string"}]},{"type":"null"}]},"mode":{"anyOf":[{"anyOf":[{"const":"UPGRADE","type":"string"},{"const":"DOWNGRADE","type":"string"},{"const":"UPDOWN","type":"string"},{"const":"WRITE","type":"string"},{"const":"READ","type":"string"},{"const":"WRITEREAD","type":"string"}]},{"type":"null"}]},"type":{"$ref":"part0"},"tags":{"$ref":"part4"},"params":{"$ref":"part3"},"expr":{"$ref":"part0"},"onSuccess":{"$ref":"part0"},"onFailure":{"$ref":"part0"},"disabled":{"$ref":"part7"}}}},{"type":"null"}]};
const schema14 = {"anyOf":[{"type":"boolean"},{"type":"null"}]};

function validate43(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
const _errs0 = errors;
let valid0 = false;
const _errs1 = errors;
if(typeof data !== "boolean"){
const err0 = {instancePath,schemaPath:"#/anyOf/0/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var _valid0 = _errs1 === errors;
valid0 = valid0 || _valid0;
if(!valid0){
const _errs3 = errors;
if(data !== null){
const err1 = {instancePath,schemaPath:"#/anyOf/1/type",keyword:"type",params:{type: "null"},message:"must be null"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
var _valid0 = _errs3 === errors;
valid0 = valid0 || _valid0;
}
if(!valid0){
const err2 = {instancePath,schemaPath:"#/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
validate43.errors = vErrors;
return false;
}
else {
errors = _errs0;
if(vErrors !== null){
if(_errs0){
vErrors.length = _errs0;
}
else {
vErrors = null;
}
}
}
validate43.errors = vErrors;
return errors === 0;
}


function validate34(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
const _errs0 = errors;
let valid0 = false;
const _errs1 = errors;
if(errors === _errs1){
if(Array.isArray(data)){
var valid1 = true;
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
let data0 = data[i0];
const _errs3 = errors;
if(errors === _errs3){
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.name !== undefined){
const _errs5 = errors;
if(!(validate22(data0.name, {instancePath:instancePath+"/" + i0+"/name",parentData:data0,parentDataProperty:"name",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid2 = _errs5 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data0.doc !== undefined){
const _errs6 = errors;
if(!(validate22(data0.doc, {instancePath:instancePath+"/" + i0+"/doc",parentData:data0,parentDataProperty:"doc",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid2 = _errs6 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data0.kind !== undefined){
let data3 = data0.kind;
const _errs7 = errors;
const _errs8 = errors;
let valid3 = false;
const _errs9 = errors;
const _errs10 = errors;
let valid4 = false;
const _errs11 = errors;
if(typeof data3 !== "string"){
const err0 = {instancePath:instancePath+"/" + i0+"/kind",schemaPath:"#/anyOf/0/items/properties/kind/anyOf/0/anyOf/0/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if("TRANSFORM" !== data3){
const err1 = {instancePath:instancePath+"/" + i0+"/kind",schemaPath:"#/anyOf/0/items/properties/kind/anyOf/0/anyOf/0/const",keyword:"const",params:{allowedValue: "TRANSFORM"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
var _valid2 = _errs11 === errors;
valid4 = valid4 || _valid2;
if(!valid4){
const _errs13 = errors;
if(typeof data3 !== "string"){
const err2 = {instancePath:instancePath+"/" + i0+"/kind",schemaPath:"#/anyOf/0/items/properties/kind/anyOf/0/anyOf/1/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if("CONDITION" !== data3){
const err3 = {instancePath:instancePath+"/" + i0+"/kind",schemaPath:"#/anyOf/0/items/properties/kind/anyOf/0/anyOf/1/const",keyword:"const",params:{allowedValue: "CONDITION"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
var _valid2 = _errs13 === errors;
valid4 = valid4 || _valid2;
}
if(!valid4){
const err4 = {instancePath:instancePath+"/" + i0+"/kind",schemaPath:"#/anyOf/0/items/properties/kind/anyOf/0/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
else {
errors = _errs10;
if(vErrors !== null){
if(_errs10){
vErrors.length = _errs10;
}
else {
vErrors = null;
}
}
}
var _valid1 = _errs9 === errors;
valid3 = valid3 || _valid1;
if(!valid3){
const _errs15 = errors;
if(data3 !== null){
const err5 = {instancePath:instancePath+"/" + i0+"/kind",schemaPath:"#/anyOf/0/items/properties/kind/anyOf/1/type",keyword:"type",params:{type: "null"},message:"must be null"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
var _valid1 = _errs15 === errors;
valid3 = valid3 || _valid1;
}
if(!valid3){
const err6 = {instancePath:instancePath+"/" + i0+"/kind",schemaPath:"#/anyOf/0/items/properties/kind/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
else {
errors = _errs8;
if(vErrors !== null){
if(_errs8){
vErrors.length = _errs8;
}
else {
vErrors = null;
}
}
}
var valid2 = _errs7 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data0.mode !== undefined){
let data4 = data0.mode;
const _errs17 = errors;
const _errs18 = errors;
let valid5 = false;
const _errs19 = errors;
const _errs20 = errors;
let valid6 = false;
const _errs21 = errors;
if(typeof data4 !== "string"){
const err7 = {instancePath:instancePath+"/" + i0+"/mode",schemaPath:"#/anyOf/0/items/properties/mode/anyOf/0/anyOf/0/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
if("UPGRADE" !== data4){
const err8 = {instancePath:instancePath+"/" + i0+"/mode",schemaPath:"#/anyOf/0/items/properties/mode/anyOf/0/anyOf/0/const",keyword:"const",params:{allowedValue: "UPGRADE"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
var _valid4 = _errs21 === errors;
valid6 = valid6 || _valid4;
if(!valid6){
const _errs23 = errors;
if(typeof data4 !== "string"){
const err9 = {instancePath:instancePath+"/" + i0+"/mode",schemaPath:"#/anyOf/0/items/properties/mode/anyOf/0/anyOf/1/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if("DOWNGRADE" !== data4){
const err10 = {instancePath:instancePath+"/" + i0+"/mode",schemaPath:"#/anyOf/0/items/properties/mode/anyOf/0/anyOf/1/const",keyword:"const",params:{allowedValue: "DOWNGRADE"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
var _valid4 = _errs23 === errors;
valid6 = valid6 || _valid4;
if(!valid6){
const _errs25 = errors;
if(typeof data4 !== "string"){
const err11 = {instancePath:instancePath+"/" + i0+"/mode",schemaPath:"#/anyOf/0/items/properties/mode/anyOf/0/anyOf/2/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
if("UPDOWN" !== data4){
const err12 = {instancePath:instancePath+"/" + i0+"/mode",schemaPath:"#/anyOf/0/items/properties/mode/anyOf/0/anyOf/2/const",keyword:"const",params:{allowedValue: "UPDOWN"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
var _valid4 = _errs25 === errors;
valid6 = valid6 || _valid4;
if(!valid6){
const _errs27 = errors;
if(typeof data4 !== "string"){
const err13 = {instancePath:instancePath+"/" + i0+"/mode",schemaPath:"#/anyOf/0/items/properties/mode/anyOf/0/anyOf/3/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
if("WRITE" !== data4){
const err14 = {instancePath:instancePath+"/" + i0+"/mode",schemaPath:"#/anyOf/0/items/properties/mode/anyOf/0/anyOf/3/const",keyword:"const",params:{allowedValue: "WRITE"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
var _valid4 = _errs27 === errors;
valid6 = valid6 || _valid4;
if(!valid6){
const _errs29 = errors;
if(typeof data4 !== "string"){
const err15 = {instancePath:instancePath+"/" + i0+"/mode",schemaPath:"#/anyOf/0/items/properties/mode/anyOf/0/anyOf/4/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
if("READ" !== data4){
const err16 = {instancePath:instancePath+"/" + i0+"/mode",schemaPath:"#/anyOf/0/items/properties/mode/anyOf/0/anyOf/4/const",keyword:"const",params:{allowedValue: "READ"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
var _valid4 = _errs29 === errors;
valid6 = valid6 || _valid4;
if(!valid6){
const _errs31 = errors;
if(typeof data4 !== "string"){
const err17 = {instancePath:instancePath+"/" + i0+"/mode",schemaPath:"#/anyOf/0/items/properties/mode/anyOf/0/anyOf/5/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if("WRITEREAD" !== data4){
const err18 = {instancePath:instancePath+"/" + i0+"/mode",schemaPath:"#/anyOf/0/items/properties/mode/anyOf/0/anyOf/5/const",keyword:"const",params:{allowedValue: "WRITEREAD"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
var _valid4 = _errs31 === errors;
valid6 = valid6 || _valid4;
}
}
}
}
}
if(!valid6){
const err19 = {instancePath:instancePath+"/" + i0+"/mode",schemaPath:"#/anyOf/0/items/properties/mode/anyOf/0/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
else {
errors = _errs20;
if(vErrors !== null){
if(_errs20){
vErrors.length = _errs20;
}
else {
vErrors = null;
}
}
}
var _valid3 = _errs19 === errors;
valid5 = valid5 || _valid3;
if(!valid5){
const _errs33 = errors;
if(data4 !== null){
const err20 = {instancePath:instancePath+"/" + i0+"/mode",schemaPath:"#/anyOf/0/items/properties/mode/anyOf/1/type",keyword:"type",params:{type: "null"},message:"must be null"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
var _valid3 = _errs33 === errors;
valid5 = valid5 || _valid3;
}
if(!valid5){
const err21 = {instancePath:instancePath+"/" + i0+"/mode",schemaPath:"#/anyOf/0/items/properties/mode/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
else {
errors = _errs18;
if(vErrors !== null){
if(_errs18){
vErrors.length = _errs18;
}
else {
vErrors = null;
}
}
}
var valid2 = _errs17 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data0.type !== undefined){
const _errs35 = errors;
if(!(validate22(data0.type, {instancePath:instancePath+"/" + i0+"/type",parentData:data0,parentDataProperty:"type",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid2 = _errs35 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data0.tags !== undefined){
const _errs36 = errors;
if(!(validate30(data0.tags, {instancePath:instancePath+"/" + i0+"/tags",parentData:data0,parentDataProperty:"tags",rootData}))){
vErrors = vErrors === null ? validate30.errors : vErrors.concat(validate30.errors);
errors = vErrors.length;
}
var valid2 = _errs36 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data0.params !== undefined){
const _errs37 = errors;
if(!(validate28(data0.params, {instancePath:instancePath+"/" + i0+"/params",parentData:data0,parentDataProperty:"params",rootData}))){
vErrors = vErrors === null ? validate28.errors : vErrors.concat(validate28.errors);
errors = vErrors.length;
}
var valid2 = _errs37 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data0.expr !== undefined){
const _errs38 = errors;
if(!(validate22(data0.expr, {instancePath:instancePath+"/" + i0+"/expr",parentData:data0,parentDataProperty:"expr",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid2 = _errs38 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data0.onSuccess !== undefined){
const _errs39 = errors;
if(!(validate22(data0.onSuccess, {instancePath:instancePath+"/" + i0+"/onSuccess",parentData:data0,parentDataProperty:"onSuccess",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid2 = _errs39 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data0.onFailure !== undefined){
const _errs40 = errors;
if(!(validate22(data0.onFailure, {instancePath:instancePath+"/" + i0+"/onFailure",parentData:data0,parentDataProperty:"onFailure",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid2 = _errs40 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data0.disabled !== undefined){
const _errs41 = errors;
if(!(validate43(data0.disabled, {instancePath:instancePath+"/" + i0+"/disabled",parentData:data0,parentDataProperty:"disabled",rootData}))){
vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
errors = vErrors.length;
}
var valid2 = _errs41 === errors;
}
else {
var valid2 = true;
}
}
}
}
}
}
}
}
}
}
}
}
else {
const err22 = {instancePath:instancePath+"/" + i0,schemaPath:"#/anyOf/0/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
var valid1 = _errs3 === errors;
if(!valid1){
break;
}
}
}
else {
const err23 = {instancePath,schemaPath:"#/anyOf/0/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
var _valid0 = _errs1 === errors;
valid0 = valid0 || _valid0;
if(!valid0){
const _errs42 = errors;
if(data !== null){
const err24 = {instancePath,schemaPath:"#/anyOf/1/type",keyword:"type",params:{type: "null"},message:"must be null"};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
var _valid0 = _errs42 === errors;
valid0 = valid0 || _valid0;
}
if(!valid0){
const err25 = {instancePath,schemaPath:"#/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
validate34.errors = vErrors;
return false;
}
else {
errors = _errs0;
if(vErrors !== null){
if(_errs0){
vErrors.length = _errs0;
}
else {
vErrors = null;
}
}
}
validate34.errors = vErrors;
return errors === 0;
}


function validate33(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
const _errs0 = errors;
let valid0 = false;
const _errs1 = errors;
if(errors === _errs1){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.migrationRules !== undefined){
const _errs3 = errors;
if(!(validate34(data.migrationRules, {instancePath:instancePath+"/migrationRules",parentData:data,parentDataProperty:"migrationRules",rootData}))){
vErrors = vErrors === null ? validate34.errors : vErrors.concat(validate34.errors);
errors = vErrors.length;
}
var valid1 = _errs3 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data.domainRules !== undefined){
const _errs4 = errors;
if(!(validate34(data.domainRules, {instancePath:instancePath+"/domainRules",parentData:data,parentDataProperty:"domainRules",rootData}))){
vErrors = vErrors === null ? validate34.errors : vErrors.concat(validate34.errors);
errors = vErrors.length;
}
var valid1 = _errs4 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data.encodingRules !== undefined){
const _errs5 = errors;
if(!(validate34(data.encodingRules, {instancePath:instancePath+"/encodingRules",parentData:data,parentDataProperty:"encodingRules",rootData}))){
vErrors = vErrors === null ? validate34.errors : vErrors.concat(validate34.errors);
errors = vErrors.length;
}
var valid1 = _errs5 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data.enableAt !== undefined){
let data3 = data.enableAt;
const _errs6 = errors;
const _errs7 = errors;
let valid2 = false;
const _errs8 = errors;
const _errs9 = errors;
let valid3 = false;
const _errs10 = errors;
if(typeof data3 !== "string"){
const err0 = {instancePath:instancePath+"/enableAt",schemaPath:"#/anyOf/0/properties/enableAt/anyOf/0/anyOf/0/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if("ALL" !== data3){
const err1 = {instancePath:instancePath+"/enableAt",schemaPath:"#/anyOf/0/properties/enableAt/anyOf/0/anyOf/0/const",keyword:"const",params:{allowedValue: "ALL"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
var _valid2 = _errs10 === errors;
valid3 = valid3 || _valid2;
if(!valid3){
const _errs12 = errors;
if(typeof data3 !== "string"){
const err2 = {instancePath:instancePath+"/enableAt",schemaPath:"#/anyOf/0/properties/enableAt/anyOf/0/anyOf/1/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if("CLIENT" !== data3){
const err3 = {instancePath:instancePath+"/enableAt",schemaPath:"#/anyOf/0/properties/enableAt/anyOf/0/anyOf/1/const",keyword:"const",params:{allowedValue: "CLIENT"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
var _valid2 = _errs12 === errors;
valid3 = valid3 || _valid2;
if(!valid3){
const _errs14 = errors;
if(typeof data3 !== "string"){
const err4 = {instancePath:instancePath+"/enableAt",schemaPath:"#/anyOf/0/properties/enableAt/anyOf/0/anyOf/2/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if("GATEWAY" !== data3){
const err5 = {instancePath:instancePath+"/enableAt",schemaPath:"#/anyOf/0/properties/enableAt/anyOf/0/anyOf/2/const",keyword:"const",params:{allowedValue: "GATEWAY"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
var _valid2 = _errs14 === errors;
valid3 = valid3 || _valid2;
if(!valid3){
const _errs16 = errors;
if(typeof data3 !== "string"){
const err6 = {instancePath:instancePath+"/enableAt",schemaPath:"#/anyOf/0/properties/enableAt/anyOf/0/anyOf/3/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if("SERVER" !== data3){
const err7 = {instancePath:instancePath+"/enableAt",schemaPath:"#/anyOf/0/properties/enableAt/anyOf/0/anyOf/3/const",keyword:"const",params:{allowedValue: "SERVER"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
var _valid2 = _errs16 === errors;
valid3 = valid3 || _valid2;
if(!valid3){
const _errs18 = errors;
if(typeof data3 !== "string"){
const err8 = {instancePath:instancePath+"/enableAt",schemaPath:"#/anyOf/0/properties/enableAt/anyOf/0/anyOf/4/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if("NONE" !== data3){
const err9 = {instancePath:instancePath+"/enableAt",schemaPath:"#/anyOf/0/properties/enableAt/anyOf/0/anyOf/4/const",keyword:"const",params:{allowedValue: "NONE"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
var _valid2 = _errs18 === errors;
valid3 = valid3 || _valid2;
}
}
}
}
if(!valid3){
const err10 = {instancePath:instancePath+"/enableAt",schemaPath:"#/anyOf/0/properties/enableAt/anyOf/0/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
else {
errors = _errs9;
if(vErrors !== null){
if(_errs9){
vErrors.length = _errs9;
}
else {
vErrors = null;
}
}
}
var _valid1 = _errs8 === errors;
valid2 = valid2 || _valid1;
if(!valid2){
const _errs20 = errors;
if(data3 !== null){
const err11 = {instancePath:instancePath+"/enableAt",schemaPath:"#/anyOf/0/properties/enableAt/anyOf/1/type",keyword:"type",params:{type: "null"},message:"must be null"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
var _valid1 = _errs20 === errors;
valid2 = valid2 || _valid1;
}
if(!valid2){
const err12 = {instancePath:instancePath+"/enableAt",schemaPath:"#/anyOf/0/properties/enableAt/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
else {
errors = _errs7;
if(vErrors !== null){
if(_errs7){
vErrors.length = _errs7;
}
else {
vErrors = null;
}
}
}
var valid1 = _errs6 === errors;
}
else {
var valid1 = true;
}
}
}
}
}
else {
const err13 = {instancePath,schemaPath:"#/anyOf/0/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
var _valid0 = _errs1 === errors;
valid0 = valid0 || _valid0;
if(!valid0){
const _errs22 = errors;
if(data !== null){
const err14 = {instancePath,schemaPath:"#/anyOf/1/type",keyword:"type",params:{type: "null"},message:"must be null"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
var _valid0 = _errs22 === errors;
valid0 = valid0 || _valid0;
}
if(!valid0){
const err15 = {instancePath,schemaPath:"#/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
validate33.errors = vErrors;
return false;
}
else {
errors = _errs0;
if(vErrors !== null){
if(_errs0){
vErrors.length = _errs0;
}
else {
vErrors = null;
}
}
}
validate33.errors = vErrors;
return errors === 0;
}

const schema15 = {"anyOf":[{"minimum":-2147483648,"maximum":2147483647,"type":"integer"},{"type":"null"}]};

function validate49(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
const _errs0 = errors;
let valid0 = false;
const _errs1 = errors;
if(!((typeof data == "number") && (!(data % 1) && !isNaN(data)))){
const err0 = {instancePath,schemaPath:"#/anyOf/0/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(errors === _errs1){
if(typeof data == "number"){
if(data > 2147483647 || isNaN(data)){
const err1 = {instancePath,schemaPath:"#/anyOf/0/maximum",keyword:"maximum",params:{comparison: "<=", limit: 2147483647},message:"must be <= 2147483647"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
else {
if(data < -2147483648 || isNaN(data)){
const err2 = {instancePath,schemaPath:"#/anyOf/0/minimum",keyword:"minimum",params:{comparison: ">=", limit: -2147483648},message:"must be >= -2147483648"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
}
}
var _valid0 = _errs1 === errors;
valid0 = valid0 || _valid0;
if(!valid0){
const _errs3 = errors;
if(data !== null){
const err3 = {instancePath,schemaPath:"#/anyOf/1/type",keyword:"type",params:{type: "null"},message:"must be null"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
var _valid0 = _errs3 === errors;
valid0 = valid0 || _valid0;
}
if(!valid0){
const err4 = {instancePath,schemaPath:"#/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
validate49.errors = vErrors;
return false;
}
else {
errors = _errs0;
if(vErrors !== null){
if(_errs0){
vErrors.length = _errs0;
}
else {
vErrors = null;
}
}
}
validate49.errors = vErrors;
return errors === 0;
}

const schema16 = {"anyOf":[{"type":"array","items":{"type":"object","required":["schemaEntity","tags"],"properties":{"schemaEntity":{"type":"object","required":["entityPath","entityType"],"properties":{"entityPath":{"type":"string"},"entityType":{"anyOf":[{"const":"sr_record","type":"string"},{"const":"sr_field","type":"string"}]}}},"tags":{"type":"array","items":{"type":"string"}}}}},{"type":"null"}]};

function validate52(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
const _errs0 = errors;
let valid0 = false;
const _errs1 = errors;
if(errors === _errs1){
if(Array.isArray(data)){
var valid1 = true;
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
let data0 = data[i0];
const _errs3 = errors;
if(errors === _errs3){
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
let missing0;
if(((data0.schemaEntity === undefined) && (missing0 = "schemaEntity")) || ((data0.tags === undefined) && (missing0 = "tags"))){
const err0 = {instancePath:instancePath+"/" + i0,schemaPath:"#/anyOf/0/items/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
else {
if(data0.schemaEntity !== undefined){
let data1 = data0.schemaEntity;
const _errs5 = errors;
if(errors === _errs5){
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
let missing1;
if(((data1.entityPath === undefined) && (missing1 = "entityPath")) || ((data1.entityType === undefined) && (missing1 = "entityType"))){
const err1 = {instancePath:instancePath+"/" + i0+"/schemaEntity",schemaPath:"#/anyOf/0/items/properties/schemaEntity/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
else {
if(data1.entityPath !== undefined){
const _errs7 = errors;
if(typeof data1.entityPath !== "string"){
const err2 = {instancePath:instancePath+"/" + i0+"/schemaEntity/entityPath",schemaPath:"#/anyOf/0/items/properties/schemaEntity/properties/entityPath/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
var valid3 = _errs7 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data1.entityType !== undefined){
let data3 = data1.entityType;
const _errs9 = errors;
const _errs10 = errors;
let valid4 = false;
const _errs11 = errors;
if(typeof data3 !== "string"){
const err3 = {instancePath:instancePath+"/" + i0+"/schemaEntity/entityType",schemaPath:"#/anyOf/0/items/properties/schemaEntity/properties/entityType/anyOf/0/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if("sr_record" !== data3){
const err4 = {instancePath:instancePath+"/" + i0+"/schemaEntity/entityType",schemaPath:"#/anyOf/0/items/properties/schemaEntity/properties/entityType/anyOf/0/const",keyword:"const",params:{allowedValue: "sr_record"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
var _valid1 = _errs11 === errors;
valid4 = valid4 || _valid1;
if(!valid4){
const _errs13 = errors;
if(typeof data3 !== "string"){
const err5 = {instancePath:instancePath+"/" + i0+"/schemaEntity/entityType",schemaPath:"#/anyOf/0/items/properties/schemaEntity/properties/entityType/anyOf/1/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if("sr_field" !== data3){
const err6 = {instancePath:instancePath+"/" + i0+"/schemaEntity/entityType",schemaPath:"#/anyOf/0/items/properties/schemaEntity/properties/entityType/anyOf/1/const",keyword:"const",params:{allowedValue: "sr_field"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
var _valid1 = _errs13 === errors;
valid4 = valid4 || _valid1;
}
if(!valid4){
const err7 = {instancePath:instancePath+"/" + i0+"/schemaEntity/entityType",schemaPath:"#/anyOf/0/items/properties/schemaEntity/properties/entityType/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
else {
errors = _errs10;
if(vErrors !== null){
if(_errs10){
vErrors.length = _errs10;
}
else {
vErrors = null;
}
}
}
var valid3 = _errs9 === errors;
}
else {
var valid3 = true;
}
}
}
}
else {
const err8 = {instancePath:instancePath+"/" + i0+"/schemaEntity",schemaPath:"#/anyOf/0/items/properties/schemaEntity/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
var valid2 = _errs5 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data0.tags !== undefined){
let data4 = data0.tags;
const _errs15 = errors;
if(errors === _errs15){
if(Array.isArray(data4)){
var valid5 = true;
const len1 = data4.length;
for(let i1=0; i1<len1; i1++){
const _errs17 = errors;
if(typeof data4[i1] !== "string"){
const err9 = {instancePath:instancePath+"/" + i0+"/tags/" + i1,schemaPath:"#/anyOf/0/items/properties/tags/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
var valid5 = _errs17 === errors;
if(!valid5){
break;
}
}
}
else {
const err10 = {instancePath:instancePath+"/" + i0+"/tags",schemaPath:"#/anyOf/0/items/properties/tags/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
var valid2 = _errs15 === errors;
}
else {
var valid2 = true;
}
}
}
}
else {
const err11 = {instancePath:instancePath+"/" + i0,schemaPath:"#/anyOf/0/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
var valid1 = _errs3 === errors;
if(!valid1){
break;
}
}
}
else {
const err12 = {instancePath,schemaPath:"#/anyOf/0/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
var _valid0 = _errs1 === errors;
valid0 = valid0 || _valid0;
if(!valid0){
const _errs19 = errors;
if(data !== null){
const err13 = {instancePath,schemaPath:"#/anyOf/1/type",keyword:"type",params:{type: "null"},message:"must be null"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
var _valid0 = _errs19 === errors;
valid0 = valid0 || _valid0;
}
if(!valid0){
const err14 = {instancePath,schemaPath:"#/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
validate52.errors = vErrors;
return false;
}
else {
errors = _errs0;
if(vErrors !== null){
if(_errs0){
vErrors.length = _errs0;
}
else {
vErrors = null;
}
}
}
validate52.errors = vErrors;
return errors === 0;
}


function validate21(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.schema !== undefined){
const _errs1 = errors;
if(!(validate22(data.schema, {instancePath:instancePath+"/schema",parentData:data,parentDataProperty:"schema",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.schemaType !== undefined){
const _errs2 = errors;
if(!(validate22(data.schemaType, {instancePath:instancePath+"/schemaType",parentData:data,parentDataProperty:"schemaType",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.references !== undefined){
const _errs3 = errors;
if(!(validate25(data.references, {instancePath:instancePath+"/references",parentData:data,parentDataProperty:"references",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.metadata !== undefined){
const _errs4 = errors;
if(!(validate27(data.metadata, {instancePath:instancePath+"/metadata",parentData:data,parentDataProperty:"metadata",rootData}))){
vErrors = vErrors === null ? validate27.errors : vErrors.concat(validate27.errors);
errors = vErrors.length;
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.ruleSet !== undefined){
const _errs5 = errors;
if(!(validate33(data.ruleSet, {instancePath:instancePath+"/ruleSet",parentData:data,parentDataProperty:"ruleSet",rootData}))){
vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
errors = vErrors.length;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.version !== undefined){
const _errs6 = errors;
if(!(validate49(data.version, {instancePath:instancePath+"/version",parentData:data,parentDataProperty:"version",rootData}))){
vErrors = vErrors === null ? validate49.errors : vErrors.concat(validate49.errors);
errors = vErrors.length;
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.id !== undefined){
const _errs7 = errors;
if(!(validate49(data.id, {instancePath:instancePath+"/id",parentData:data,parentDataProperty:"id",rootData}))){
vErrors = vErrors === null ? validate49.errors : vErrors.concat(validate49.errors);
errors = vErrors.length;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.schemaTagsToAdd !== undefined){
const _errs8 = errors;
if(!(validate52(data.schemaTagsToAdd, {instancePath:instancePath+"/schemaTagsToAdd",parentData:data,parentDataProperty:"schemaTagsToAdd",rootData}))){
vErrors = vErrors === null ? validate52.errors : vErrors.concat(validate52.errors);
errors = vErrors.length;
}
var valid0 = _errs8 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.schemaTagsToRemove !== undefined){
const _errs9 = errors;
if(!(validate52(data.schemaTagsToRemove, {instancePath:instancePath+"/schemaTagsToRemove",parentData:data,parentDataProperty:"schemaTagsToRemove",rootData}))){
vErrors = vErrors === null ? validate52.errors : vErrors.concat(validate52.errors);
errors = vErrors.length;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.propagateSchemaTags !== undefined){
const _errs10 = errors;
if(!(validate43(data.propagateSchemaTags, {instancePath:instancePath+"/propagateSchemaTags",parentData:data,parentDataProperty:"propagateSchemaTags",rootData}))){
vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
errors = vErrors.length;
}
var valid0 = _errs10 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
else {
validate21.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate21.errors = vErrors;
return errors === 0;
}

const body1 = validate56;
const schema17 = {"type":"object","properties":{"newVersion":{"$ref":"part8"},"tagsToAdd":{"$ref":"part9"},"tagsToRemove":{"$ref":"part9"},"metadata":{"$ref":"part2"},"ruleSet":{"$ref":"part5"},"rulesToMerge":{"$ref":"part5"},"rulesToRemove":{"$ref":"part4"}}};

function validate56(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.newVersion !== undefined){
const _errs1 = errors;
if(!(validate49(data.newVersion, {instancePath:instancePath+"/newVersion",parentData:data,parentDataProperty:"newVersion",rootData}))){
vErrors = vErrors === null ? validate49.errors : vErrors.concat(validate49.errors);
errors = vErrors.length;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.tagsToAdd !== undefined){
const _errs2 = errors;
if(!(validate52(data.tagsToAdd, {instancePath:instancePath+"/tagsToAdd",parentData:data,parentDataProperty:"tagsToAdd",rootData}))){
vErrors = vErrors === null ? validate52.errors : vErrors.concat(validate52.errors);
errors = vErrors.length;
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.tagsToRemove !== undefined){
const _errs3 = errors;
if(!(validate52(data.tagsToRemove, {instancePath:instancePath+"/tagsToRemove",parentData:data,parentDataProperty:"tagsToRemove",rootData}))){
vErrors = vErrors === null ? validate52.errors : vErrors.concat(validate52.errors);
errors = vErrors.length;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.metadata !== undefined){
const _errs4 = errors;
if(!(validate27(data.metadata, {instancePath:instancePath+"/metadata",parentData:data,parentDataProperty:"metadata",rootData}))){
vErrors = vErrors === null ? validate27.errors : vErrors.concat(validate27.errors);
errors = vErrors.length;
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.ruleSet !== undefined){
const _errs5 = errors;
if(!(validate33(data.ruleSet, {instancePath:instancePath+"/ruleSet",parentData:data,parentDataProperty:"ruleSet",rootData}))){
vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
errors = vErrors.length;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.rulesToMerge !== undefined){
const _errs6 = errors;
if(!(validate33(data.rulesToMerge, {instancePath:instancePath+"/rulesToMerge",parentData:data,parentDataProperty:"rulesToMerge",rootData}))){
vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
errors = vErrors.length;
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.rulesToRemove !== undefined){
const _errs7 = errors;
if(!(validate30(data.rulesToRemove, {instancePath:instancePath+"/rulesToRemove",parentData:data,parentDataProperty:"rulesToRemove",rootData}))){
vErrors = vErrors === null ? validate30.errors : vErrors.concat(validate30.errors);
errors = vErrors.length;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
else {
validate56.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate56.errors = vErrors;
return errors === 0;
}

const body2 = validate64;
const schema18 = {"type":"object","properties":{"alias":{"$ref":"part0"},"aliasForDeks":{"$ref":"part0"},"normalize":{"$ref":"part7"},"validateFields":{"$ref":"part7"},"validateNewSchemas":{"$ref":"part7"},"validateRules":{"$ref":"part7"},"compatibilityPolicy":{"$ref":"part0"},"compatibilityGroup":{"$ref":"part0"},"defaultMetadata":{"$ref":"part2"},"overrideMetadata":{"$ref":"part2"},"defaultRuleSet":{"$ref":"part5"},"overrideRuleSet":{"$ref":"part5"},"compatibility":{"$ref":"part0"}}};

function validate64(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.alias !== undefined){
const _errs1 = errors;
if(!(validate22(data.alias, {instancePath:instancePath+"/alias",parentData:data,parentDataProperty:"alias",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.aliasForDeks !== undefined){
const _errs2 = errors;
if(!(validate22(data.aliasForDeks, {instancePath:instancePath+"/aliasForDeks",parentData:data,parentDataProperty:"aliasForDeks",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.normalize !== undefined){
const _errs3 = errors;
if(!(validate43(data.normalize, {instancePath:instancePath+"/normalize",parentData:data,parentDataProperty:"normalize",rootData}))){
vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
errors = vErrors.length;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.validateFields !== undefined){
const _errs4 = errors;
if(!(validate43(data.validateFields, {instancePath:instancePath+"/validateFields",parentData:data,parentDataProperty:"validateFields",rootData}))){
vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
errors = vErrors.length;
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.validateNewSchemas !== undefined){
const _errs5 = errors;
if(!(validate43(data.validateNewSchemas, {instancePath:instancePath+"/validateNewSchemas",parentData:data,parentDataProperty:"validateNewSchemas",rootData}))){
vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
errors = vErrors.length;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.validateRules !== undefined){
const _errs6 = errors;
if(!(validate43(data.validateRules, {instancePath:instancePath+"/validateRules",parentData:data,parentDataProperty:"validateRules",rootData}))){
vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
errors = vErrors.length;
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.compatibilityPolicy !== undefined){
const _errs7 = errors;
if(!(validate22(data.compatibilityPolicy, {instancePath:instancePath+"/compatibilityPolicy",parentData:data,parentDataProperty:"compatibilityPolicy",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.compatibilityGroup !== undefined){
const _errs8 = errors;
if(!(validate22(data.compatibilityGroup, {instancePath:instancePath+"/compatibilityGroup",parentData:data,parentDataProperty:"compatibilityGroup",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid0 = _errs8 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.defaultMetadata !== undefined){
const _errs9 = errors;
if(!(validate27(data.defaultMetadata, {instancePath:instancePath+"/defaultMetadata",parentData:data,parentDataProperty:"defaultMetadata",rootData}))){
vErrors = vErrors === null ? validate27.errors : vErrors.concat(validate27.errors);
errors = vErrors.length;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.overrideMetadata !== undefined){
const _errs10 = errors;
if(!(validate27(data.overrideMetadata, {instancePath:instancePath+"/overrideMetadata",parentData:data,parentDataProperty:"overrideMetadata",rootData}))){
vErrors = vErrors === null ? validate27.errors : vErrors.concat(validate27.errors);
errors = vErrors.length;
}
var valid0 = _errs10 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.defaultRuleSet !== undefined){
const _errs11 = errors;
if(!(validate33(data.defaultRuleSet, {instancePath:instancePath+"/defaultRuleSet",parentData:data,parentDataProperty:"defaultRuleSet",rootData}))){
vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
errors = vErrors.length;
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.overrideRuleSet !== undefined){
const _errs12 = errors;
if(!(validate33(data.overrideRuleSet, {instancePath:instancePath+"/overrideRuleSet",parentData:data,parentDataProperty:"overrideRuleSet",rootData}))){
vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
errors = vErrors.length;
}
var valid0 = _errs12 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.compatibility !== undefined){
const _errs13 = errors;
if(!(validate22(data.compatibility, {instancePath:instancePath+"/compatibility",parentData:data,parentDataProperty:"compatibility",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate64.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate64.errors = vErrors;
return errors === 0;
}

const body3 = validate78;
const schema19 = {"type":"object","properties":{"mode":{"$ref":"part0"}}};

function validate78(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.mode !== undefined){
if(!(validate22(data.mode, {instancePath:instancePath+"/mode",parentData:data,parentDataProperty:"mode",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
}
else {
validate78.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate78.errors = vErrors;
return errors === 0;
}

const body4 = validate80;
const schema20 = {"type":"object","required":["items"],"properties":{"items":{"minItems":1,"maxItems":1000,"type":"array","items":{"type":"object","required":["subject"],"properties":{"schema":{"$ref":"part0"},"schemaType":{"$ref":"part0"},"references":{"$ref":"part1"},"metadata":{"$ref":"part2"},"ruleSet":{"$ref":"part5"},"version":{"$ref":"part8"},"id":{"$ref":"part8"},"schemaTagsToAdd":{"$ref":"part9"},"schemaTagsToRemove":{"$ref":"part9"},"propagateSchemaTags":{"$ref":"part7"},"subject":{"type":"string"},"normalize":{"$ref":"part7"},"force":{"$ref":"part7"}}}},"dryRun":{"$ref":"part7"}}};

function validate80(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.items === undefined) && (missing0 = "items")){
validate80.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.items !== undefined){
let data0 = data.items;
const _errs1 = errors;
if(errors === _errs1){
if(Array.isArray(data0)){
if(data0.length > 1000){
validate80.errors = [{instancePath:instancePath+"/items",schemaPath:"#/properties/items/maxItems",keyword:"maxItems",params:{limit: 1000},message:"must NOT have more than 1000 items"}];
return false;
}
else {
if(data0.length < 1){
validate80.errors = [{instancePath:instancePath+"/items",schemaPath:"#/properties/items/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items"}];
return false;
}
else {
var valid1 = true;
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
let data1 = data0[i0];
const _errs3 = errors;
if(errors === _errs3){
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
let missing1;
if((data1.subject === undefined) && (missing1 = "subject")){
validate80.errors = [{instancePath:instancePath+"/items/" + i0,schemaPath:"#/properties/items/items/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data1.schema !== undefined){
const _errs5 = errors;
if(!(validate22(data1.schema, {instancePath:instancePath+"/items/" + i0+"/schema",parentData:data1,parentDataProperty:"schema",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid2 = _errs5 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data1.schemaType !== undefined){
const _errs6 = errors;
if(!(validate22(data1.schemaType, {instancePath:instancePath+"/items/" + i0+"/schemaType",parentData:data1,parentDataProperty:"schemaType",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid2 = _errs6 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data1.references !== undefined){
const _errs7 = errors;
if(!(validate25(data1.references, {instancePath:instancePath+"/items/" + i0+"/references",parentData:data1,parentDataProperty:"references",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid2 = _errs7 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data1.metadata !== undefined){
const _errs8 = errors;
if(!(validate27(data1.metadata, {instancePath:instancePath+"/items/" + i0+"/metadata",parentData:data1,parentDataProperty:"metadata",rootData}))){
vErrors = vErrors === null ? validate27.errors : vErrors.concat(validate27.errors);
errors = vErrors.length;
}
var valid2 = _errs8 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data1.ruleSet !== undefined){
const _errs9 = errors;
if(!(validate33(data1.ruleSet, {instancePath:instancePath+"/items/" + i0+"/ruleSet",parentData:data1,parentDataProperty:"ruleSet",rootData}))){
vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
errors = vErrors.length;
}
var valid2 = _errs9 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data1.version !== undefined){
const _errs10 = errors;
if(!(validate49(data1.version, {instancePath:instancePath+"/items/" + i0+"/version",parentData:data1,parentDataProperty:"version",rootData}))){
vErrors = vErrors === null ? validate49.errors : vErrors.concat(validate49.errors);
errors = vErrors.length;
}
var valid2 = _errs10 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data1.id !== undefined){
const _errs11 = errors;
if(!(validate49(data1.id, {instancePath:instancePath+"/items/" + i0+"/id",parentData:data1,parentDataProperty:"id",rootData}))){
vErrors = vErrors === null ? validate49.errors : vErrors.concat(validate49.errors);
errors = vErrors.length;
}
var valid2 = _errs11 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data1.schemaTagsToAdd !== undefined){
const _errs12 = errors;
if(!(validate52(data1.schemaTagsToAdd, {instancePath:instancePath+"/items/" + i0+"/schemaTagsToAdd",parentData:data1,parentDataProperty:"schemaTagsToAdd",rootData}))){
vErrors = vErrors === null ? validate52.errors : vErrors.concat(validate52.errors);
errors = vErrors.length;
}
var valid2 = _errs12 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data1.schemaTagsToRemove !== undefined){
const _errs13 = errors;
if(!(validate52(data1.schemaTagsToRemove, {instancePath:instancePath+"/items/" + i0+"/schemaTagsToRemove",parentData:data1,parentDataProperty:"schemaTagsToRemove",rootData}))){
vErrors = vErrors === null ? validate52.errors : vErrors.concat(validate52.errors);
errors = vErrors.length;
}
var valid2 = _errs13 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data1.propagateSchemaTags !== undefined){
const _errs14 = errors;
if(!(validate43(data1.propagateSchemaTags, {instancePath:instancePath+"/items/" + i0+"/propagateSchemaTags",parentData:data1,parentDataProperty:"propagateSchemaTags",rootData}))){
vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
errors = vErrors.length;
}
var valid2 = _errs14 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data1.subject !== undefined){
const _errs15 = errors;
if(typeof data1.subject !== "string"){
validate80.errors = [{instancePath:instancePath+"/items/" + i0+"/subject",schemaPath:"#/properties/items/items/properties/subject/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid2 = _errs15 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data1.normalize !== undefined){
const _errs17 = errors;
if(!(validate43(data1.normalize, {instancePath:instancePath+"/items/" + i0+"/normalize",parentData:data1,parentDataProperty:"normalize",rootData}))){
vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
errors = vErrors.length;
}
var valid2 = _errs17 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data1.force !== undefined){
const _errs18 = errors;
if(!(validate43(data1.force, {instancePath:instancePath+"/items/" + i0+"/force",parentData:data1,parentDataProperty:"force",rootData}))){
vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
errors = vErrors.length;
}
var valid2 = _errs18 === errors;
}
else {
var valid2 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate80.errors = [{instancePath:instancePath+"/items/" + i0,schemaPath:"#/properties/items/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid1 = _errs3 === errors;
if(!valid1){
break;
}
}
}
}
}
else {
validate80.errors = [{instancePath:instancePath+"/items",schemaPath:"#/properties/items/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.dryRun !== undefined){
const _errs19 = errors;
if(!(validate43(data.dryRun, {instancePath:instancePath+"/dryRun",parentData:data,parentDataProperty:"dryRun",rootData}))){
vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
errors = vErrors.length;
}
var valid0 = _errs19 === errors;
}
else {
var valid0 = true;
}
}
}
}
else {
validate80.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate80.errors = vErrors;
return errors === 0;
}

export const checks = {
  "subjects.get-schema": body0,
  "subjects.versions.register": body0,
  "subjects.versions.modify-tags": body1,
  "compatibility.subjects.versions.verify": body0,
  "compatibility.subjects.versions.verify-all": body0,
  "config.update-global": body2,
  "config.update-subject": body2,
  "mode.update-global": body3,
  "mode.update-subject": body3,
  "subjects.plan": body0,
  "batch.register": body4,
};
