# The pictures of docs/, from the tables that bench/traces.cpp writes. draw.sh calls this with `traces` and `out` set.
set terminal svg size 760,430 dynamic font 'Helvetica,13' background '#ffffff'
set datafile separator tab
set encoding utf8
set grid back lc rgb '#e4e4e4' lt 1
set border 3 lc rgb '#777777'
set tics nomirror textcolor rgb '#444444'
set format y '10^{%L}'
set key outside below horizontal Left reverse textcolor rgb '#222222'
set datafile missing NaN  # a line goes on over the rows of another kind

blue = '#1b6ca8'; red = '#c0392b'; green = '#2e8b57'; orange = '#d98200'; grey = '#888888'; violet = '#7d3c98'
table(name) = traces.'/'.name.'.tsv'
picture(name) = out.'/'.name.'.svg'

# --- loss against evaluations, apps/data/breast_cancer.csv on raw columns -------------------------------------------
set output picture('loss-on-raw-columns')
stats table('cancer-minimum') using 1 every ::1 nooutput
set xlabel 'evaluations of loss and gradient'
set ylabel 'loss'
set logscale xy
set format x '%g'
set format y '%g'
set xrange [1:10000]
set yrange [0.08:2000]
set ytics (0.1, 0.2, 0.5, 1, 10, 100, 1000)
plot table('cancer-fixed-1e-2') using 1:2 with lines lw 1 lc rgb red title 'fixed step 1e-2', \
     table('cancer-fixed-1e-5') using 1:2 with lines lw 1 lc rgb orange title 'fixed step 1e-5', \
     table('cancer-fixed-1e-6') using 1:2 with lines lw 2 lc rgb green title 'fixed step 1e-6', \
     table('cancer-fixed-1e-7') using 1:2 with lines lw 2 lc rgb grey title 'fixed step 1e-7', \
     table('cancer-bb') using 1:2 with lines lw 2 lc rgb violet title 'surefoot with bb+nonmonotone', \
     table('cancer-surefoot') using 1:2 with lines lw 3 lc rgb blue title 'surefoot, nothing chosen', \
     STATS_max with lines dt 3 lc rgb '#222222' title sprintf('the minimum, %.5f', STATS_max)
unset logscale
set ytics auto
set xrange [*:*]; set yrange [*:*]

# --- the steps of each rule ------------------------------------------------------------------------------------------
# taken(…) and refused(…): the step where the row is of that kind
is(kind) = strcol(6) eq kind ? column(4) : NaN
set logscale y
set format y '10^{%L}'
set xlabel 'try'
set ylabel 'step'
stable = 2.0 / 1000  # 2/L of the quadratic

set xrange [0:150]
set yrange [2e-5:3]
constant = "stable with lines dt 2 lc rgb grey title '2/L: longest stable constant step', ".\
           "1.0 with lines dt 3 lc rgb grey title '1/smallest curvature'"
series = "table('steps-'.rule) using 1:(is('taken')) with points pt 7 ps 0.45 lc rgb blue title rule.': taken', ".\
         "table('steps-'.rule) using 1:(is('refused')) with points pt 2 ps 0.6 lc rgb red title 'refused'"
undone = "table('steps-'.rule) using 1:(is('undone')) with points pt 8 ps 0.8 lc rgb orange title 'undone by the monitor'"
do for [rule in "armijo nonmonotone grow bb-alternate"] {
  set output picture('steps-'.rule)
  plot @constant, @series
}
rule = 'bb1'
set output picture('steps-bb1')
plot @constant, @series, @undone

set output picture('steps-fixed')
set xrange [0:100]
set yrange [5e-6:3]
plot stable with lines dt 2 lc rgb grey title '2/L: longest stable constant step', \
     table('steps-fixed-1') using 1:(is('taken')) with points pt 7 ps 0.45 lc rgb blue title 'fixed:step=1, taken', \
     table('steps-fixed-1') using 1:(is('undone')) with points pt 8 ps 0.8 lc rgb orange title 'undone by the monitor', \
     table('steps-fixed-1.9e-3') using 1:(is('taken')) with lines lw 2 lc rgb green title 'fixed:step=0.0019', \
     table('steps-fixed-1e-4') using 1:(is('taken')) with lines lw 2 lc rgb violet title 'fixed:step=0.0001'

set output picture('steps-weak-wolfe')
set xrange [0:*]
set yrange [1e-5:20]
plot 1.0 with lines dt 3 lc rgb grey title "1: L-BFGS's own step", \
     table('steps-weak-wolfe') using 1:(is('taken')) with points pt 7 ps 0.6 lc rgb blue title 'weak-wolfe along l-bfgs: taken', \
     table('steps-weak-wolfe') using 1:(is('refused')) with points pt 2 ps 0.7 lc rgb red title 'refused'

# --- a proposer alone, and joined --------------------------------------------------------------------------------
set output picture('loss-joined')
set xlabel 'evaluations'
set ylabel 'loss'
set xrange [0:300]
set yrange [1e-3:1e5]
loss_of(kind) = strcol(6) eq kind ? column(5) : NaN
plot table('steps-bb1') using 3:(loss_of('taken')) with lines lw 2 lc rgb orange title 'bb1 under the monitor', \
     table('steps-bb1') using 3:(loss_of('undone')) with points pt 8 ps 0.8 lc rgb red title 'undone by the monitor', \
     table('steps-bb1+nonmonotone') using 3:(loss_of('taken')) with lines lw 2 lc rgb blue title 'bb1+nonmonotone', \
     table('steps-bb1+armijo') using 3:(loss_of('taken')) with lines lw 2 lc rgb green title 'bb1+armijo', \
     table('steps-armijo') using 3:(loss_of('taken')) with lines lw 1 lc rgb grey title 'armijo'

# --- the opening -----------------------------------------------------------------------------------------------------
set output picture('opening')
set xlabel 'trial on the first ray'
set ylabel 'step'
set xrange [0:13]
set yrange [1e-320:1e310]
set ytics (1e-300, 1e-200, 1e-100, 1e-10, 1e10, 1e100, 1e200, 1e300)
plot stable with lines dt 2 lc rgb grey title '2/L', \
     table('opening-1e300') using 1:4 with linespoints pt 7 ps 0.5 lw 1.5 lc rgb red title 'first step 1e300', \
     table('opening-1e10') using 1:4 with linespoints pt 7 ps 0.5 lw 1.5 lc rgb orange title '1e10', \
     table('opening-none') using 1:4 with linespoints pt 7 ps 0.5 lw 2 lc rgb blue title 'none given', \
     table('opening-1e-10') using 1:4 with linespoints pt 7 ps 0.5 lw 1.5 lc rgb green title '1e-10', \
     table('opening-1e-300') using 1:4 with linespoints pt 7 ps 0.5 lw 1.5 lc rgb violet title '1e-300'
