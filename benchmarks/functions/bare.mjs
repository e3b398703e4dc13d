import mix from "./mix.mjs";

console.log(mix(1));
