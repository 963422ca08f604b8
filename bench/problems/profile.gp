# Data profiles (Moré & Wild 2009): the share of problems that a solver has brought to 1e-9 within so many calls.
# One block a solver, ours first, then 13 configurations of peers.
# ../problems.sh calls this with `profile` (the prefix of two tables) and `out` set.
set terminal svg size 760,520 dynamic font 'Helvetica,13' background '#ffffff'
set datafile separator tab
set encoding utf8
set grid back lc rgb '#e4e4e4' lt 1
set border 3 lc rgb '#777777'
set tics nomirror textcolor rgb '#444444'
set key outside below horizontal Left reverse textcolor rgb '#222222'
set xlabel 'calls of the objective'
set ylabel 'share of problems solved to 1e-9'
set logscale x
set xrange [3:20000]
set yrange [0:1]

array colours[14] = ['#1b6ca8', '#c0392b', '#e08e84', '#2e8b57', '#8fc7a5', '#bfe0cb', '#d98200', '#edb760', '#f5d9a8', \
                     '#7d3c98', '#b98ccb', '#444444', '#888888', '#bbbbbb']
do for [set in "own apart"] {
  table = profile.'-'.set.'.tsv'
  set output out.'/data_profile'.(set eq 'own' ? '' : '_'.set).'.svg'
  plot for [i=1:13] table index i using 1:2 with steps lw 1.5 lc rgb colours[i+1] title columnheader(1), \
       table index 0 using 1:2 with steps lw 3.5 lc rgb colours[1] title columnheader(1)
}
