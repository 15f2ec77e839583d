import { hasSpecialParts as A } from "../../sdk/coders/plain.ts";
const rec=(i)=>({id:i,user:`user-${i%500}`,page:`/p/${i%40}`,amount:i*0.25,ok:i%2===0,at:1.7e12+i});
const N=1000, vals=Array.from({length:N},(_,i)=>rec(i));
const wf=(t)=>t.isWellFormed();
const special=(n)=>n==="__proto__"||n==="__keys__"||!wf(n);
function B(value,depth,w){ const names=Object.keys(value); for(let i=0;i<names.length;i++){const n=names[i]; if(special(n)) w.s=true; const p=value[n];
 switch(typeof p){case "number": if(p===0&&1/p<0) w.s=true; break; case "string": if(!wf(p)) w.s=true; break; case "object": if(p!==null) w.s=true; break; case "function": case "symbol": throw 1;}}}
function B2(value,depth,w){ const names=Object.keys(value); for(let i=0;i<names.length;i++){const n=names[i]; const p=value[n];
 switch(typeof p){case "number": if(p===0&&1/p<0) w.s=true; break; case "string": if(!wf(p)) w.s=true; break; case "object": if(p!==null) w.s=true; break; case "function": case "symbol": throw 1;}}}
function B3(value,depth,w){ for(const n in value){ const p=value[n];
 switch(typeof p){case "number": if(p===0&&1/p<0) w.s=true; break; case "string": if(!wf(p)) w.s=true; break; case "object": if(p!==null) w.s=true; break; case "function": case "symbol": throw 1;}}}
function B4(value,depth,w){ const v=Object.values(value); for(let i=0;i<v.length;i++){ const p=v[i];
 switch(typeof p){case "number": if(p===0&&1/p<0) w.s=true; break; case "string": if(!wf(p)) w.s=true; break; case "object": if(p!==null) w.s=true; break; case "function": case "symbol": throw 1;}}}
let known=[];
function B5(value,depth,w){ const names=Object.keys(value); const k=known; let same=names.length===k.length; for(let i=0;i<names.length;i++){const n=names[i]; if(n!==k[i]){same=false; if(special(n)) w.s=true;}} if(!same)known=names; const v=Object.values(value); for(let i=0;i<v.length;i++){ const p=v[i];
 switch(typeof p){case "number": if(p===0&&1/p<0) w.s=true; break; case "string": if(!wf(p)) w.s=true; break; case "object": if(p!==null) w.s=true; break; case "function": case "symbol": throw 1;}}}
function B6(value,depth,w){ const names=Object.keys(value); const k=known; let same=names.length===k.length; for(let i=0;i<names.length;i++){const n=names[i]; if(n!==k[i]){same=false; if(special(n)) w.s=true;} const p=value[n];
 switch(typeof p){case "number": if(p===0&&1/p<0) w.s=true; break; case "string": if(!wf(p)) w.s=true; break; case "object": if(p!==null) w.s=true; break; case "function": case "symbol": throw 1;}} if(!same)known=names; }
function B7(value,depth,w){ for(const n in value){ if(special(n))w.s=true; const p=value[n];
 switch(typeof p){case "number": if(p===0&&1/p<0) w.s=true; break; case "string": if(!wf(p)) w.s=true; break; case "object": if(p!==null) w.s=true; break; case "function": case "symbol": throw 1;}}}
function B8(value,depth,w){ let i=0,same=true;const k=known; for(const n in value){ if(n!==k[i++]){same=false; if(special(n))w.s=true;} const p=value[n];
 switch(typeof p){case "number": if(p===0&&1/p<0) w.s=true; break; case "string": if(!wf(p)) w.s=true; break; case "object": if(p!==null) w.s=true; break; case "function": case "symbol": throw 1;}} if(!same)known=Object.keys(value);}
const sp=new Set(["__proto__","__keys__"]);const isSp=(n)=>(n.length===9||n.length===8)&&sp.has(n)||!wf(n);
function B9(value,depth,w){ for(const n in value){ if(isSp(n))w.s=true; const p=value[n];
 switch(typeof p){case "number": if(p===0&&1/p<0) w.s=true; break; case "string": if(!wf(p)) w.s=true; break; case "object": if(p!==null) w.s=true; break; case "function": case "symbol": throw 1;}}}
const other=[["x","y"],["a","b","c"],["p","q","r","s","t"],["m","n","o","p1","q1","r1"],["k1","k2","k3","k4","k5","k6"]].map(ns=>Object.fromEntries(ns.map((n,i)=>[n,i%2?"s":i])));
const w={s:false}; for(let r=0;r<3000;r++)for(const o of other){A(o,0);for(const f of [B,B2,B3,B4,B5,B6,B7,B8,B9])f(o,0,w);}
const time=(l,f)=>{let best=1e9;for(let r=0;r<20;r++){const s=performance.now();for(let q=0;q<50;q++)f();best=Math.min(best,performance.now()-s);}console.log(l,(best*1e6/50/N).toFixed(1),"ns/rec");};
time("current list",()=>A(vals,-1));
for(const f of [B,B2,B3,B4,B5,B6,B7,B8,B9]) time(f.name,()=>{for(const v of vals)f(v,0,w)});
