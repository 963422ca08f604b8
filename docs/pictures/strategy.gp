# Path and steps of one rule on Rosenbrock's function, from the table that `traces --rules` writes (see
# bench/strategy_trace.hpp). draw.sh calls this with `rule` and `table` set, and takes the picture from
# its output.
set terminal svg size 900,420 dynamic font 'Helvetica,13' background '#ffffff'
set datafile separator tab
set encoding utf8
blue = '#1b6ca8'; red = '#c0392b'; orange = '#d98200'; grey = '#b4b4b4'

# evaluations, step, loss, from (2), to (2), what
stats table using 3 every ::1 name 'LOSS' nooutput
stats table using 1 every ::1 name 'CALLS' nooutput
outcome = LOSS_min <= 1e-8 ? sprintf('reached 1e-8 after %d evaluations', CALLS_max) \
                           : sprintf('after %d evaluations: loss %.2g', CALLS_max, LOSS_min)
of(kind, c) = strcol(8) eq kind ? column(c) : NaN

set multiplot layout 1,2 title rule.': '.outcome
set border 3 lc rgb '#777777'
set tics nomirror textcolor rgb '#444444'
set key outside below horizontal Left reverse textcolor rgb '#222222'

# The contour of level c around the minimum: (1 - a)² = c cos², 100 (b - a²)² = c sin². The outer ones, which are wider
# than the picture, as two lines over a.
set xlabel 'first weight'
set ylabel 'second weight'
set xrange [-1.7:1.7]
set yrange [-0.5:2.2]
a(c, t) = 1 + sqrt(c) * cos(t)
b(c, t) = a(c, t)**2 + 0.1 * sqrt(c) * sin(t)
wall(c, a, side) = a**2 + side * 0.1 * sqrt(c - (1 - a)**2)
set label 1 at 1,1 point pt 3 ps 0.9 lc rgb '#222222' front
# (NaN first: a range before the first plot would be the axis's.)
plot NaN notitle, \
     for [c in "0.03 0.3 1 3"] [t=0:2*pi:pi/36] '+' using (a(c, t)):(b(c, t)) with lines lc rgb grey notitle, \
     for [c in "10 30 100 300"] for [side in "-1 1"] [t=-1.7:1.75:0.1] '+' using (t):(wall(c, t, side)) \
       with lines lc rgb grey notitle, \
     table using 4:5:(of('taken', 6) - $4):(of('taken', 7) - $5) with vectors nohead lw 1.2 lc rgb blue notitle, \
     table using (of('taken', 6)):7 with points pt 7 ps 0.35 lc rgb blue title 'taken', \
     table using (of('refused', 6)):7 with points pt 2 ps 0.55 lc rgb red title 'refused', \
     table using (of('undone', 6)):7 with points pt 8 ps 0.7 lc rgb orange title 'undone'
unset label 1

set xlabel 'evaluations'
set ylabel 'step'
set xrange [0:120]
set yrange [1e-5:20]
set logscale y
set format y '10^{%L}'
set mytics 1
set grid back lc rgb '#e4e4e4' lt 1
plot table using 1:(of('taken', 2)) with points pt 7 ps 0.45 lc rgb blue title 'taken', \
     table using 1:(of('refused', 2)) with points pt 2 ps 0.6 lc rgb red title 'refused', \
     table using 1:(of('undone', 2)) with points pt 8 ps 0.8 lc rgb orange title 'undone'
unset multiplot
